package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// runsMage makes a process of the test's own program one of mage.
const runsMage = "STAGECRAFT_TEST_RUNS_MAGE"

func TestMain(m *testing.M) {
	if os.Getenv(runsMage) != "" {
		main()
	}
	os.Exit(m.Run())
}

// Each of several that start at once compiles what the others do, and runs.
func TestSeveralAtOnce(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"go.mod":      "module x\n\ngo 1.26\n",
		"magefile.go": "//go:build mage\n\npackage main\n\n// Show shows its flag.\nfunc Show(noCache *bool) { print(*noCache) }\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	said := make([]bytes.Buffer, 6)
	var all []*exec.Cmd
	for n := range said {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "show", "-no-cache")
		cmd.Dir, cmd.Env = dir, append(os.Environ(), runsMage+"=1", "GOWORK=off", "GOFLAGS=")
		cmd.Stdout, cmd.Stderr = &said[n], &said[n]
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		all = append(all, cmd)
	}
	for n, cmd := range all {
		if err := cmd.Wait(); err != nil || said[n].String() != "true" {
			t.Errorf("mage %d: %v, %q, want true", n, err, &said[n])
		}
	}
}

func TestFlagsHaveNoHyphens(t *testing.T) {
	t.Parallel()
	in := []string{"build", "-no-cache", "-services=hello-go,hello-c", "-since=a-b=c", "test"}
	want := []string{"build", "-nocache", "-services=hello-go,hello-c", "-since=a-b=c", "test"}
	if got := plain(in); !slices.Equal(got, want) {
		t.Errorf("%s, want %s", strings.Join(got, " "), strings.Join(want, " "))
	}
}
