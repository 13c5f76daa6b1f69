package render

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

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
		t.Errorf("a file that was right was written again (%v)", err)
	}
}

func TestWriteSaysWhatFailed(t *testing.T) {
	root := copyGolden(t)
	repository := load(t, root)
	if err := os.RemoveAll(filepath.Join(root, "services", "beta")); err != nil {
		t.Fatal(err)
	}
	remove(t, root, "docker-bake.json")
	changed, err := Write(root, repository)
	if err == nil || !strings.HasPrefix(err.Error(), "rendering services/beta/Dockerfile: ") || !slices.Equal(changed, []string{"docker-bake.json"}) {
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
