package engine

import (
	"archive/tar"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// names lists the files of a tar archive.
func names(t *testing.T, file string) []string {
	t.Helper()
	in, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	var found []string
	for r := tar.NewReader(in); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, h.Name)
	}
}

func TestBuildKit(t *testing.T) {
	h := Home(filepath.Join(t.TempDir(), "engine"))
	count := filepath.Join(t.TempDir(), "count")
	fakeGo(t, `echo "$out" >> `+count+`; echo done > "$out"`)
	if err := os.MkdirAll(h.bin(), 0o755); err != nil {
		t.Fatal(err)
	}
	// The engine's runc is there, and runs: anything else would ask for Debian packages.
	if err := os.WriteFile(filepath.Join(h.bin(), "runc"), []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	first, err := h.BuildKit(context.Background(), quiet)
	if err != nil {
		t.Fatal(err)
	}
	if built, _ := os.ReadFile(count); strings.Count(string(built), "\n") != 2 {
		t.Errorf("compiled, want buildkitd and buildctl and nothing of the engine's:\n%s", built)
	}
	if got := names(t, first.Root); !slices.Contains(got, "usr/bin/buildkitd") || !slices.Contains(got, "usr/bin/buildctl") || !slices.Contains(got, "usr/bin/runc") || !slices.Contains(got, "tmp/") {
		t.Errorf("the root file system has %v", got)
	}
	again, err := h.BuildKit(context.Background(), quiet)
	if err != nil || again != first {
		t.Errorf("again it is %+v, %v; was %+v", again, err, first)
	}
	if built, _ := os.ReadFile(count); strings.Count(string(built), "\n") != 2 {
		t.Error("what is there was compiled again")
	}
	// The engine's own programs come, and BuildKit's stay.
	if err := h.compile(context.Background(), quiet); err != nil {
		t.Fatal(err)
	}
	if left := missingIn(h.buildKit(), buildKitPrograms); len(left) > 0 {
		t.Errorf("compiling the engine deleted %v", left)
	}
	if err := os.WriteFile(filepath.Join(h.bin(), "runc"), []byte("#!/bin/sh\n# another\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	if other, err := h.BuildKit(context.Background(), quiet); err != nil || other.Image == first.Image {
		t.Errorf("another runc, the same image %s: the engine would keep the old one (%v)", other.Image, err)
	}
}

// A program takes along the libraries that it was linked to.
func TestLinked(t *testing.T) {
	libraries, err := linked(context.Background(), "/bin/sh")
	if err != nil || !slices.ContainsFunc(libraries, func(l string) bool { return strings.Contains(l, "libc.so") }) {
		t.Errorf("/bin/sh is linked to %v, %v", libraries, err)
	}
	if _, err := linked(context.Background(), filepath.Join(t.TempDir(), "absent")); err == nil {
		t.Error("a program that is not there has libraries")
	}
}

func TestLegacyStoreIsForTests(t *testing.T) {
	h := Home(t.TempDir())
	for _, c := range []struct{ store, want string }{{"", `"containerd-snapshotter": true`}, {"legacy", `"containerd-snapshotter": false`}} {
		t.Setenv("STAGECRAFT_STORE", c.store)
		if err := h.writeConfig(network{}, true); err != nil {
			t.Fatal(err)
		}
		if config, _ := os.ReadFile(h.configFile()); !strings.Contains(string(config), c.want) {
			t.Errorf("STAGECRAFT_STORE=%s gives\n%s\nwant %s", c.store, config, c.want)
		}
	}
}
