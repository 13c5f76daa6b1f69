package build

import (
	"os"
	"path/filepath"
	"testing"
)

// A package may have the name of a folder that tools leave behind; for builds, and so for copies, that is one at the top of a
// service.
func TestCopyAndContextTakeSourcesAlone(t *testing.T) {
	from, to := t.TempDir(), t.TempDir()
	ignore, err := os.ReadFile("../../.dockerignore")
	if err != nil {
		t.Fatal(err)
	}
	write(t, from, ".dockerignore", string(ignore))
	for _, name := range []string{".vscode/launch.json", "compose.yaml", "docker-bake.json", "project.yaml", "dockerfiles/x", "services/a/internal/build/b.go", "services/a/build/b.o", "services/a/node_modules/m/dist/m.js", "libs/l/build/b.o", "libs/l/l.go", "examples/libs/m/m.go", "dockerfiles/bin/tool", "services/b/build", "services/b/main.c"} {
		write(t, from, name, "")
	}
	if err := Copy(from, to); err != nil {
		t.Fatal(err)
	}
	sent, err := newContext(from)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{
		"services/a/internal/build/b.go": true, "services/a/build/b.o": false, "services/a/node_modules/m/dist/m.js": false,
		"libs/l/build/b.o": false, "libs/l/l.go": true, "examples/libs/m/m.go": true, "dockerfiles/bin/tool": true, "services/b/main.c": true,
	} {
		if _, err := os.Stat(filepath.Join(to, name)); (err == nil) != want {
			t.Errorf("copy of %s: %v, want %v", name, err == nil, want)
		}
		if ignored, err := sent.ignored.MatchesOrParentMatches(name); err != nil || ignored == want {
			t.Errorf("%s is in the context: %v, want %v (%v)", name, !ignored, want, err)
		}
	}
}
