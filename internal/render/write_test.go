package render

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestReplaceLeavesNothingBehindWhenItFails(t *testing.T) {
	dir := t.TempDir()
	// A folder that is not empty cannot be replaced by a file, by anybody.
	name := filepath.Join(dir, "Dockerfile")
	if err := os.MkdirAll(filepath.Join(name, "full"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := Replace(name, []byte("x")); err == nil {
		t.Fatal("no error")
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
}

func TestReplaceIsOneStep(t *testing.T) {
	name := filepath.Join(t.TempDir(), "Dockerfile")
	if err := os.WriteFile(name, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	before, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer before.Close()
	if err := Replace(name, []byte("new content")); err != nil {
		t.Fatal(err)
	}
	// Who had the file open still reads the old content: it was not written over.
	if content := make([]byte, 8); true {
		n, _ := before.Read(content)
		if string(content[:n]) != "old" {
			t.Errorf("the old file now holds %q", content[:n])
		}
	}
	content, err := os.ReadFile(name)
	if err != nil || string(content) != "new content" {
		t.Errorf("the file holds %q, %v", content, err)
	}
}

func TestWriteTouchesOnlyWhatChanged(t *testing.T) {
	root := copyGolden(t)
	before, err := os.Stat(filepath.Join(root, "services", "alpha", "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	edit(t, root, "services/beta/Dockerfile", "/beta", "/x")
	if _, err := Write(root, load(t, root)); err != nil {
		t.Fatal(err)
	}
	after, err := os.Stat(filepath.Join(root, "services", "alpha", "Dockerfile"))
	if err != nil || !os.SameFile(before, after) {
		t.Errorf("a file that was right was written anew (%v)", err)
	}
}

func TestWriteSaysWhatFailed(t *testing.T) {
	root := copyGolden(t)
	services := load(t, root)
	if err := os.RemoveAll(filepath.Join(root, "services", "beta")); err != nil {
		t.Fatal(err)
	}
	remove(t, root, BakeFile)
	changed, err := Write(root, services)
	if err == nil || !strings.HasPrefix(err.Error(), "rendering services/beta/Dockerfile: ") || !slices.Equal(changed, []string{BakeFile}) {
		t.Errorf("got %v, %v", changed, err)
	}
}

func TestDriftSaysWhatItCannotRead(t *testing.T) {
	root := copyGolden(t)
	remove(t, root, "services/beta/Dockerfile")
	if err := os.Mkdir(filepath.Join(root, "services", "beta", "Dockerfile"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{"Check": Check(root, load(t, root)), "Drift": second(Drift(root, load(t, root))), "Write": second(Write(root, load(t, root)))} {
		if err == nil || !strings.HasPrefix(err.Error(), "looking for drift: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func second(_ []string, err error) error { return err }
