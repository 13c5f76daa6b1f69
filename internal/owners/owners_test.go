package owners

import (
	"bytes"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"example.com/stagecraft/internal/elffile/elftest"
	"example.com/stagecraft/internal/image/imagetest"
	"example.com/stagecraft/internal/rootfs"
)

func ownersOf(t *testing.T, entries ...imagetest.Entry) *Owners {
	t.Helper()
	root, err := rootfs.Read(imagetest.Open(t, imagetest.Image(t, "amd64", v1.Config{}, imagetest.Layer(t, entries...))).Images()[0])
	if err != nil {
		t.Fatal(err)
	}
	return Find(root, "demo")
}

// Of two packages that list the same file, the first one has it.
func TestFirstRecordWins(t *testing.T) {
	t.Parallel()
	all := ownersOf(t,
		imagetest.File("var/lib/dpkg/status", "Package: b\nVersion: 1\n\nPackage: a\nVersion: 2\n"),
		imagetest.File("var/lib/dpkg/info/b.list", "/opt/x\n"), imagetest.File("var/lib/dpkg/info/a.list", "/opt/x\n/opt/y\n"),
	)
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
	program := elftest.File{Pad: block, Text: text}
	program.Pad -= bytes.Index(program.Bytes(t), []byte(text)) - block + len(text)/2
	content := program.Bytes(t)
	if at := bytes.Index(content, []byte(text)); at >= block || at+len(text) <= block {
		t.Fatalf("the text is at %d, not across the end of the first block", at)
	}
	if owner, ok := ownersOf(t, imagetest.File("usr/bin/node", string(content))).of("/usr/bin/node"); !ok || owner.Version != "24.21.0" {
		t.Errorf("node is %+v, %v", owner, ok)
	}
}
