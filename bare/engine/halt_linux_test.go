package engine

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// precious is a file that somebody else has in a folder.
func precious(t *testing.T, dir string) (file string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// The kernel lists mounts without links: what a container has of the machine
// must be taken down, not deleted, wherever a link leads to the home.
func TestHaltBehindALink(t *testing.T) {
	if os.Geteuid() != 0 || capabilities()&needed != needed {
		t.Skip("mounting needs root")
	}
	dir := t.TempDir()
	if err := os.Symlink(filepath.Join(dir, "disk"), filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	point := filepath.Join(dir, "disk", "engine", "run", "rootfs")
	if err := os.MkdirAll(point, 0o755); err != nil {
		t.Fatal(err)
	}
	file := precious(t, filepath.Join(dir, "outside"))
	if err := syscall.Mount(filepath.Dir(file), point, "", syscall.MS_BIND, ""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Unmount(point, syscall.MNT_DETACH) })
	t.Setenv("STAGECRAFT_HOME", filepath.Join(dir, "link"))
	h, err := FindHome()
	if err != nil {
		t.Fatal(err)
	}
	h.halt(0)
	if _, err := os.Stat(file); err != nil {
		t.Error("deleted through a mount:", err)
	}
	if _, err := os.Stat(h.execRoot()); err == nil {
		t.Error("the exec root is left")
	}
}

// What cannot be taken down is left alone, with all that is below.
func TestNothingIsDeletedThroughMounts(t *testing.T) {
	h := emptyHome(t)
	file := precious(t, filepath.Join(h.execRoot(), "rootfs"))
	saved := mountinfo
	defer func() { mountinfo = saved }()
	mountinfo = filepath.Join(t.TempDir(), "mountinfo")
	for name, write := range map[string]func() error{
		"a mount that stays": func() error {
			line := "70 29 0:5 / " + filepath.Dir(file) + " rw - overlay overlay rw\n"
			return os.WriteFile(mountinfo, []byte(line), 0o644)
		},
		"a list that cannot be read": func() error { return os.RemoveAll(mountinfo) },
	} {
		if err := write(); err != nil {
			t.Fatal(err)
		}
		h.halt(0)
		if _, err := os.Stat(file); err != nil {
			t.Fatalf("%s: halt deletes through it", name)
		}
		if err := h.Remove(context.Background(), quiet); err == nil || !strings.Contains(err.Error(), "removing the engine's folder") {
			t.Errorf("%s: error %v", name, err)
		}
		if _, err := os.Stat(file); err != nil {
			t.Fatalf("%s: remove deletes through it", name)
		}
	}
}
