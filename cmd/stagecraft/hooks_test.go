package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

func readYAML(t *testing.T, name string, into any) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(data, into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// The hook starts a verb that there is, with a file as pre-commit gives it.
func TestPreCommitHook(t *testing.T) {
	var hooks []struct{ ID, Entry, Language string }
	readYAML(t, "../../.pre-commit-hooks.yaml", &hooks)
	if len(hooks) != 1 || hooks[0].Language != "golang" {
		t.Fatalf("hooks are %+v", hooks)
	}
	words := strings.Fields(hooks[0].Entry)
	if words[0] != filepath.Base(mainFolder(t)) {
		t.Errorf("the hook starts %s, and `go install` makes %s", words[0], filepath.Base(mainFolder(t)))
	}
	if code, out, problems := invoke(t, append(words[1:], "-")...); code != 1 || !strings.Contains(out, "1 finding") {
		t.Errorf("exit %d, %s %s", code, out, problems)
	}
}

func mainFolder(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// The action's own script lints, keeps the report, and fails where something is found.
func TestAction(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles the program")
	}
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("bash is not here")
	}
	var action struct {
		Runs struct {
			Steps []struct{ Run string }
		}
	}
	folder := filepath.Join(mainFolder(t), "..", "..", ".github", "actions", "lint")
	readYAML(t, filepath.Join(folder, "action.yml"), &action)
	script := action.Runs.Steps[len(action.Runs.Steps)-1].Run
	dir := t.TempDir()
	for name, text := range map[string]string{"bad.Dockerfile": stdin, "good.Dockerfile": "FROM scratch\nUSER 1\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		paths, failOn string
		fails         bool
		out           string
	}{
		{"good.Dockerfile\n", "", false, "0 findings in 1 Dockerfile"},
		{"good.Dockerfile\nbad.Dockerfile\n", "", true, "::warning file=bad.Dockerfile,line=1"},
		{".", "error", false, "1 finding in 2 Dockerfiles"},
	} {
		// As GitHub runs `shell: bash`.
		command := exec.Command(bash, "--noprofile", "--norc", "-eo", "pipefail", "-c", script)
		command.Dir = dir
		command.Env = append(os.Environ(), "ACTION="+folder, "PATHS="+tt.paths, "FAIL_ON="+tt.failOn, "FORMAT=github", "OUTPUT=report", "RUNNER_TEMP="+t.TempDir())
		out, err := command.CombinedOutput()
		report, _ := os.ReadFile(filepath.Join(dir, "report"))
		if (err != nil) != tt.fails || !strings.Contains(string(report), tt.out) {
			t.Errorf("%q: %v, %s", tt.paths, err, out)
		}
	}
}
