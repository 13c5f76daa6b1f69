package owners

import (
	"bytes"
	"debug/buildinfo"
	"runtime/debug"
	"slices"
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

// Files that a package's programs write belong to it in the version that its record has.
func TestGeneratedHasRecordedVersion(t *testing.T) {
	t.Parallel()
	const file = "etc/ssl/certs/ca-certificates.crt"
	bundle, record := imagetest.File(file, "x"), imagetest.File("var/lib/dpkg/status.d/ca-certificates", "Package: ca-certificates\nVersion: 2025\n")
	for want, entries := range map[string][]imagetest.Entry{"ca-certificates": {bundle}, "ca-certificates 2025": {bundle, record}} {
		if owner, ok := ownersOf(t, entries...).of("/" + file); !ok || owner.String() != want {
			t.Errorf("it belongs to %s, want %s", owner, want)
		}
	}
}

// A module that a folder replaces keeps its name; one that another module replaces has that one's.
func TestModules(t *testing.T) {
	t.Parallel()
	module := func(path, version string, replace *debug.Module) *debug.Module {
		return &debug.Module{Path: path, Version: version, Replace: replace}
	}
	got := Modules(&buildinfo.BuildInfo{GoVersion: "go1.26.8", Deps: []*debug.Module{
		module("example.com/a", "v1.0.0", nil),
		module("example.com/b", "v1.0.0", module("example.com/fork", "v1.0.1", nil)),
		module("example.com/c", "v0.0.0", module("../../libs/go", "(devel)", nil)),
	}})
	want := []Owner{{"go", "go", "go1.26.8"}, {"go", "example.com/a", "v1.0.0"}, {"go", "example.com/fork", "v1.0.1"}, {"go", "example.com/c", ""}}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := Modules(nil); got != nil {
		t.Errorf("a program of another language has the modules %v", got)
	}
}
