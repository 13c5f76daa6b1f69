package engine

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFindHome(t *testing.T) {
	t.Setenv("STAGECRAFT_HOME", "/s")
	if h, err := FindHome(); err != nil || h != "/s/engine" {
		t.Errorf("home %s (%v), want it below STAGECRAFT_HOME", h, err)
	}
	t.Setenv("STAGECRAFT_HOME", "")
	t.Setenv("XDG_CACHE_HOME", "/cache")
	if h, err := FindHome(); err != nil || h != "/cache/stagecraft/engine" {
		t.Errorf("home %s (%v), want it below the user's cache", h, err)
	}
	t.Setenv("XDG_CACHE_HOME", "")
	t.Setenv("HOME", "")
	if _, err := FindHome(); err == nil || !strings.Contains(err.Error(), "set STAGECRAFT_HOME") {
		t.Errorf("no cache folder: error %v, want one with a way out", err)
	}
}

func TestFindHomeRefusesLongPaths(t *testing.T) {
	t.Setenv("STAGECRAFT_HOME", "/"+strings.Repeat("x", 62))
	h, err := FindHome()
	if err != nil {
		t.Fatalf("a folder of 63 bytes fits: %v", err)
	}
	if n := len(h.path(longestSocket)); n != socketLimit {
		t.Errorf("the longest socket's name has %d bytes, this test means to try the limit, %d", n, socketLimit)
	}
	t.Setenv("STAGECRAFT_HOME", "/"+strings.Repeat("x", 63))
	if _, err := FindHome(); err == nil || !strings.Contains(err.Error(), "set STAGECRAFT_HOME to a shorter folder") {
		t.Errorf("error %v, want one that says how to shorten", err)
	}
}

// The kernel takes 15 bytes for a device's name and iptables 28 for a chain's.
func TestNamesOnTheMachine(t *testing.T) {
	a, b := Home("/a/engine"), Home("/b/engine")
	if a.bridge() == b.bridge() || a.chain() == b.chain() {
		t.Error("two homes share a bridge or a chain")
	}
	if len(a.bridge()) > 15 || len(a.chain()) > 28 {
		t.Errorf("%s or %s is too long", a.bridge(), a.chain())
	}
}

func TestSharedPrograms(t *testing.T) {
	t.Setenv(programsSetting, "")
	h := Home("/a/engine")
	if got := h.programs(); got != "/a/engine/programs" {
		t.Errorf("programs in %s", got)
	}
	t.Setenv("STAGECRAFT_PROGRAMS", "/shared")
	if got := h.programs(); got != "/shared" {
		t.Errorf("programs in %s, want STAGECRAFT_PROGRAMS", got)
	}
}

// A relative folder is one of where the command was called, not of where a
// program that it runs works.
func TestRelativeFolders(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	t.Setenv("STAGECRAFT_HOME", "h")
	t.Setenv(programsSetting, "p")
	h, err := FindHome()
	if err != nil || string(h) != filepath.Join(dir, "h", "engine") || h.programs() != filepath.Join(dir, "p") {
		t.Errorf("home %s with programs in %s (%v), want both below %s", h, h.programs(), err, dir)
	}
	// Where nothing is relative to anything, the setting is named.
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := FindHome(); err == nil || !strings.Contains(err.Error(), "set STAGECRAFT_HOME to an absolute path") {
		t.Errorf("error %v, want one that says how to set the home", err)
	}
	t.Setenv("STAGECRAFT_HOME", "/s")
	if _, err := FindHome(); err == nil || !strings.Contains(err.Error(), "set STAGECRAFT_PROGRAMS to an absolute path") {
		t.Errorf("error %v, want one that says how to set the programs' folder", err)
	}
}

func TestFindHomeFollowsLinks(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	for _, there := range []string{"disk", "other", "up"} {
		if err := os.Mkdir(there, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for link, target := range map[string]string{
		"link": "disk", "absolute": filepath.Join(dir, "disk"), "fresh": "disk/new", "disk/back": "../other/new",
		"up/engine": "../other", "loop": "loop",
	} {
		if err := os.Symlink(target, link); err != nil {
			t.Fatal(err)
		}
	}
	for set, want := range map[string]string{
		"disk":      "disk/engine",
		"link":      "disk/engine",
		"absolute":  "disk/engine",
		"link/x/y":  "disk/x/y/engine",
		"fresh":     "disk/new/engine",
		"fresh/x":   "disk/new/x/engine",
		"link/back": "other/new/engine",
		"up":        "other",
	} {
		t.Setenv("STAGECRAFT_HOME", set)
		if h, err := FindHome(); err != nil || string(h) != filepath.Join(dir, want) {
			t.Errorf("%s: home %s (%v), want %s", set, h, err, want)
		}
	}
	t.Setenv("STAGECRAFT_HOME", "loop")
	if _, err := FindHome(); err == nil || !strings.Contains(err.Error(), "set STAGECRAFT_HOME") {
		t.Errorf("a link to itself: error %v, want one with a way out", err)
	}
	// The stand-ins lie below the root: what is removed there is no link.
	t.Setenv("STAGECRAFT_HOME", "link")
	if root, err := Root(); err != nil || root != filepath.Join(dir, "disk") {
		t.Errorf("root %s (%v)", root, err)
	}
}
