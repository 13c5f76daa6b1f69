package project

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// recorder is a go command that writes down builds and tests, which need an engine, and runs everything else.
const recorder = `#!/bin/sh
case "$*" in
"tool mage build "* | "tool mage test "*) echo "$*" >>"$RECORD" ;;
*) exec "$GO" "$@" ;;
esac
`

// TestCI runs the scripts of docs/ci.md: they build and prove what changed since the revision that the system names, and
// everything where there is none or it is not known.
func TestCI(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles the magefile of a copy")
	}
	p := clone(t)
	p.writeService(t, "one")
	p.git(t, "init", "--quiet")
	p.git(t, "add", "--all")
	p.git(t, "commit", "--quiet", "--message=begin")
	p.git(t, "update-ref", "refs/remotes/origin/main", "HEAD")
	p.write(t, "services/one/main.c", "int main(void) {}\n")

	golang, err := exec.LookPath("go")
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "go"), []byte(recorder), 0o700); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "ci.md"))
	if err != nil {
		t.Fatal(err)
	}
	scripts := map[string]string{"GitLab": gitlab(t, string(page)), "Jenkins": between(t, string(page), "sh '''\n", "'''")}
	for name, tt := range map[string]struct {
		system, setting, since string
	}{
		"GitLab":                       {"GitLab", "SINCE=HEAD", "HEAD"},
		"GitLab, a scheduled pipeline": {"GitLab", "SINCE=", ""},
		"GitLab, pushed with force":    {"GitLab", "SINCE=1111111111111111111111111111111111111111", ""},
		"Jenkins, a pull request":      {"Jenkins", "CHANGE_TARGET=main", "origin/main"},
		"Jenkins, a branch":            {"Jenkins", "GIT_PREVIOUS_SUCCESSFUL_COMMIT=HEAD", "HEAD"},
		"Jenkins, its first build":     {"Jenkins", "CHANGE_TARGET=", ""},
	} {
		t.Run(name, func(t *testing.T) {
			record := filepath.Join(t.TempDir(), "record")
			script := exec.CommandContext(t.Context(), "sh", "-e", "-c", scripts[tt.system])
			script.Dir, script.Stdout, script.Stderr = p.Root, t.Output(), t.Output()
			script.Env = append(os.Environ(), "PATH="+bin+string(filepath.ListSeparator)+os.Getenv("PATH"), "GO="+golang, "RECORD="+record, tt.setting)
			if err := script.Run(); err != nil {
				t.Fatal(err)
			}
			done, err := os.ReadFile(record)
			if err != nil {
				t.Fatal(err)
			}
			want := []string{"tool mage build -since=" + tt.since, "tool mage test -since=" + tt.since}
			if got := strings.Split(strings.TrimSpace(string(done)), "\n"); !slices.Equal(got, want) {
				t.Errorf("it ran %q, want %q", got, want)
			}
		})
	}
}

// gitlab is the script of the job in the page's .gitlab-ci.yml.
func gitlab(t *testing.T, page string) string {
	t.Helper()
	var jobs map[string]struct{ Script []string }
	if err := yaml.Unmarshal([]byte(between(t, page, "```yaml\n", "```")), &jobs); err != nil {
		t.Fatal(err)
	}
	return strings.Join(jobs["prove"].Script, "\n")
}

func between(t *testing.T, text, before, after string) string {
	t.Helper()
	_, rest, found := strings.Cut(text, before)
	part, _, closed := strings.Cut(rest, after)
	if !found || !closed {
		t.Fatalf("there is no text between %q and %q", before, after)
	}
	return part
}
