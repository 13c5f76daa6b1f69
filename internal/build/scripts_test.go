package build

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"example.com/stagecraft/internal/dockerfile"
)

// limit is how long a template may be: people own it, and explain every line of it. Blank lines and comments count.
type limit struct{ lines, mounts int }

var (
	limits       = map[string]limit{"python": {90, 18}, "node": {90, 18}}
	defaultLimit = limit{60, 21}
)

// tooLong are the limits that a template exceeds, and what it mounts of the build context: scripts are copied.
func tooLong(language string, data []byte) []string {
	within, found := limits[language]
	if !found {
		within = defaultLimit
	}
	var problems []string
	if lines := bytes.Count(data, []byte("\n")); lines > within.lines {
		problems = append(problems, fmt.Sprintf("%d lines, at most %d are allowed", lines, within.lines))
	}
	if mounts := bytes.Count(data, []byte("--mount=")); mounts > within.mounts {
		problems = append(problems, fmt.Sprintf("%d mounts, at most %d are allowed", mounts, within.mounts))
	}
	if bytes.Contains(data, []byte("type=bind,source=")) {
		problems = append(problems, "a file of the build context is mounted: copy it")
	}
	return problems
}

func TestTemplatesStayShort(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../dockerfiles/*.Dockerfile")
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no templates: %v", err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := dockerfile.Parse(name, data); err != nil {
			t.Fatal(err)
		}
		for _, problem := range tooLong(strings.TrimSuffix(filepath.Base(name), ".Dockerfile"), data) {
			t.Errorf("%s: %s", name, problem)
		}
	}
	// The control.
	long := strings.Repeat("RUN --mount=type=bind,source=x,target=/x true\n", 61)
	if found := tooLong("go", []byte(long)); len(found) != 3 {
		t.Errorf("a template of 61 lines, all of them mounts, has the problems %v", found)
	}
}

// A build without cgo is refused where it would leave C code out, and only there.
func TestGoWithoutCgo(t *testing.T) {
	t.Parallel()
	script, err := filepath.Abs("../../dockerfiles/go/go-without-cgo")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("needs a shell")
	}
	const imports, stub = "package main\n\nimport (\n\t_ \"net\"\n\t_ \"os/user\"\n%s)\n\nfunc main() {}\n", "//go:build !cgo\n\npackage lib\n"
	c := "package lib\n\nimport \"C\"\n"
	for name, tt := range map[string]struct {
		lib   map[string]string // the package example.com/lib; empty: none is imported
		needs bool
	}{
		"the standard library":   {nil, false},
		"a package in Go":        {map[string]string{"lib.go": "package lib\n"}, false},
		"a stand-in without cgo": {map[string]string{"c.go": c, "stub.go": stub}, true},
		"nothing without cgo":    {map[string]string{"c.go": c}, true},
		"C for another system":   {map[string]string{"c_windows.go": c, "lib.go": "package lib\n"}, false},
		"C in a package of its own": {map[string]string{
			"lib.go": "package lib\n", "cgo.go": "//go:build cgo\n\npackage lib\n\nimport _ \"example.com/lib/internal/c\"\n",
			"internal/c/c.go": strings.Replace(c, "lib", "c", 1),
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			used := ""
			if len(tt.lib) > 0 {
				used = "\t_ \"example.com/lib\"\n"
			}
			files := map[string]string{
				"main/go.mod":  "module example.com/main\n\ngo 1.26\n\nrequire example.com/lib v0.0.0\n\nreplace example.com/lib => ../lib\n",
				"main/main.go": fmt.Sprintf(imports, used), "lib/go.mod": "module example.com/lib\n\ngo 1.26\n",
			}
			for file, content := range tt.lib {
				files["lib/"+file] = content
			}
			for file, content := range files {
				at := filepath.Join(dir, filepath.FromSlash(file))
				if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(at, []byte(content), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			cmd := exec.CommandContext(t.Context(), "sh", script, "./...")
			cmd.Dir = filepath.Join(dir, "main")
			cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=", "GOOS=linux", "GOARCH=arm64")
			said, err := cmd.CombinedOutput()
			if needs := err != nil; needs != tt.needs {
				t.Errorf("error is %v: %s", err, said)
			}
			if tt.needs && !strings.Contains(string(said), "go build: example.com/lib needs C code (cgo), which this image is built without: write `language: go-cgo`") {
				t.Errorf("it says %s", said)
			}
		})
	}
}
