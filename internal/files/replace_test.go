package files_test

import (
	"os"
	"path/filepath"
	"testing"

	"example.com/stagecraft/internal/files"
)

func TestReplaceLeavesNothingBehindWhenItFails(t *testing.T) {
	dir := t.TempDir()
	// A folder that is not empty cannot be replaced by a file, by anybody.
	name := filepath.Join(dir, "Dockerfile")
	if err := os.MkdirAll(filepath.Join(name, "full"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := files.Replace(name, []byte("x")); err == nil {
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
	if err := files.Replace(name, []byte("new content")); err != nil {
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
