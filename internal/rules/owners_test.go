package rules

import (
	"bytes"
	"testing"
)

func ownersOf(t *testing.T, files map[string]file) *owners {
	t.Helper()
	i := &Image{Image: withFiles(files)(t).open(t).Images()[0], Name: "demo"}
	if err := i.read(); err != nil {
		t.Fatal(err)
	}
	return i.owners
}

// Of two packages that list the same file, the first one has it.
func TestFirstRecordWins(t *testing.T) {
	t.Parallel()
	all := ownersOf(t, map[string]file{
		"/var/lib/dpkg/status":      {content: "Package: b\nVersion: 1\n\nPackage: a\nVersion: 2\n"},
		"/var/lib/dpkg/info/b.list": {content: "/opt/x\n"}, "/var/lib/dpkg/info/a.list": {content: "/opt/x\n/opt/y\n"},
	})
	for p, want := range map[string]string{"/opt/x": "b 1", "/opt/y": "a 2"} {
		if owner, ok := all.of(p); !ok || owner.String() != want {
			t.Errorf("%s belongs to %s, want %s", p, owner, want)
		}
	}
}

// A version is found where two blocks of the file meet.
func TestVersionAcrossBlocks(t *testing.T) {
	t.Parallel()
	const text, block = "node.js/v24.21.0", 1 << 20
	program := fakeELF{pad: block, text: text}
	program.pad -= bytes.Index(program.bytes(t), []byte(text)) - block + len(text)/2
	content := program.bytes(t)
	if at := bytes.Index(content, []byte(text)); at >= block || at+len(text) <= block {
		t.Fatalf("the text is at %d, not across the end of the first block", at)
	}
	if owner, ok := ownersOf(t, map[string]file{"/usr/bin/node": exe(content)}).of("/usr/bin/node"); !ok || owner.Version != "24.21.0" {
		t.Errorf("node is %+v, %v", owner, ok)
	}
}
