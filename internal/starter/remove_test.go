package starter

import (
	"os"
	"slices"
	"strings"
	"testing"

	"example.com/stagecraft/internal/sizetable"
)

const dependabot = `version: 2
updates:
  - package-ecosystem: docker
    directories: [/dockerfiles, /services/hello-go, "/services/hello-c"]
  - package-ecosystem: gomod
    directories: [/services/hello-go, /services/hello-go-old]
  - package-ecosystem: npm
    directories:
      - /tools
      - "/services/hello-go" # ours
      - /services/hello-node
  - package-ecosystem: pip
    directories:
      - /services/hello-go
      - /tools
  - package-ecosystem: uv
    directories: [/services/hello-go]
`

// listed is a sandbox whose README and Dependabot list hello-go.
func listed(t *testing.T) sandbox {
	t.Helper()
	s := newSandbox(t)
	s.write("README.md", "# shop\n\n"+sizetable.Begin+"\n| service | a |\n|---|---|\n| hello-c | 1 |\n| hello-go | 2 |\n"+sizetable.End+"\n\nTry `hello-go`.\n")
	s.write(".github/dependabot.yml", dependabot)
	s.write("bench/peers/hello-go.Dockerfile", "FROM scratch\n")
	s.write("bench/peers/hello-c.Dockerfile", "FROM scratch\n")
	s.git("add", "--all")
	s.git("commit", "--quiet", "--message=list it")
	return s
}

func TestRemove(t *testing.T) {
	t.Parallel()
	s := listed(t)
	removed, err := Remove(t.Context(), s.root, "hello-go", false)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"services/hello-go", "bench/peers/hello-go.Dockerfile"} {
		if _, err := os.Stat(s.path(name)); err == nil {
			t.Errorf("%s is still there", name)
		}
	}
	want := []string{".github/dependabot.yml", ".vscode/launch.json", ".vscode/tasks.json", "README.md", "bench/peers/hello-go.Dockerfile", "compose.yaml", "docker-bake.json", "go.work"}
	if removed.Dir != "services/hello-go" || !slices.Equal(removed.Changed, want) {
		t.Errorf("removed %s, changed %q; want %q", removed.Dir, removed.Changed, want)
	}
	if want := []string{".github/dependabot.yml", "README.md"}; !slices.Equal(removed.Kept, want) { // the last list, and the last line
		t.Errorf("kept %q, want %q", removed.Kept, want)
	}
	if text := s.read("README.md"); strings.Contains(text, "| hello-go") || !strings.Contains(text, "| hello-c") {
		t.Errorf("README.md is\n%s", text)
	}
	lists := `version: 2
updates:
  - package-ecosystem: docker
    directories: [/dockerfiles, "/services/hello-c"]
  - package-ecosystem: gomod
    directories: [/services/hello-go-old]
  - package-ecosystem: npm
    directories:
      - /tools
      - /services/hello-node
  - package-ecosystem: pip
    directories:
      - /tools
  - package-ecosystem: uv
    directories: [/services/hello-go]
`
	if text := s.read(".github/dependabot.yml"); text != lists {
		t.Errorf("dependabot.yml is\n%s\nwant\n%s", text, lists)
	}
	if strings.Contains(s.read("go.work")+s.read("docker-bake.json"), "hello-go") {
		t.Error("a rendered file still lists it")
	}
	if left, err := os.ReadDir(s.path("out")); err != nil || len(left) > 0 {
		t.Errorf("left in out/: %v, %v", left, err)
	}
	s.rendered()
}

func TestRemoveRefuses(t *testing.T) {
	t.Parallel()
	s := listed(t)
	s.write("services/hello-node/service.yaml", s.read("services/hello-node/service.yaml")+"depends_on: [hello-c]\n")
	s.write("services/hello-python/new.py", "pass\n")
	s.write("bench/peers/hello-go.Dockerfile", "FROM scratch AS other\n")
	before := s.everything()
	for name, want := range map[string]string{
		"hello-goo":    `there is no service "hello-goo"; did you mean hello-go?`,
		"hello-c":      "services/hello-node/service.yaml:10: depends_on names it; remove that first",
		"hello-python": "1 of its files have changes that are not committed, first services/hello-python/new.py; commit them, or add -force",
		"hello-go":     "first bench/peers/hello-go.Dockerfile",
	} {
		_, err := Remove(t.Context(), s.root, name, false)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, want %q", name, err, want)
		}
		if s.everything() != before {
			t.Fatalf("%s: the repository changed", name)
		}
	}
	if _, err := Remove(t.Context(), s.root, "hello-python", true); err != nil {
		t.Errorf("with force: %v", err)
	}
}

// What cannot be finished is taken back.
func TestRemoveTakesBack(t *testing.T) {
	t.Parallel()
	s := listed(t)
	before := s.everything()
	err := without(s.root, []string{"services/hello-c", "bench/peers/hello-c.Dockerfile"}, func() error {
		if _, err := os.Stat(s.path("services/hello-c")); err == nil {
			t.Error("it is still there")
		}
		return os.ErrInvalid
	})
	if err == nil || s.everything() != before {
		t.Errorf("got %v, and not everything is back", err)
	}
	if err := without(s.root, []string{"services/hello-c", "no-such"}, func() error { return nil }); err == nil || s.everything() != before {
		t.Errorf("a path that is not there: got %v, and not everything is back", err)
	}
}
