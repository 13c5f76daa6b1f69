package engine

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// repositoryWithBare is a repository whose program in bare/ has main as its body.
func repositoryWithBare(t *testing.T, main string) string {
	t.Helper()
	root := t.TempDir()
	for name, content := range map[string]string{
		"go.mod":  "module bare\n\ngo 1.26.0\n",
		"main.go": "package main\n\nimport (\n\t\"fmt\"\n\t\"os\"\n)\n\nfunc main() {\n\tfmt.Fprintln(os.Stderr, os.Args[1:])\n" + main + "\n}\n",
	} {
		if err := os.MkdirAll(filepath.Join(root, "bare"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, "bare", name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestBareAnswers(t *testing.T) {
	t.Parallel()
	var progress strings.Builder
	var answer struct{ Host string }
	b := NewBare(repositoryWithBare(t, `fmt.Println("{\"host\": \"unix:///x\"}")`))
	if err := b.Run(t.Context(), &progress, &answer, "engine", "up"); err != nil || answer.Host != "unix:///x" {
		t.Errorf("answer is %+v, %v", answer, err)
	}
	if !strings.Contains(progress.String(), "[engine up]") {
		t.Errorf("progress is %q, want what the program wrote", progress.String())
	}
}

func TestBareFails(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ main, says string }{
		"it says why":            {"os.Exit(1)", "bare engine up failed, for the reason in the line above"},
		"it answers nonsense":    {`fmt.Println("nonsense")`, "understand the answer of bare engine up"},
		"it does not even build": {"undefined()", "build the program in bare/"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var answer struct{ Host string }
			err := NewBare(repositoryWithBare(t, tt.main)).Run(t.Context(), io.Discard, &answer, "engine", "up")
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("error is %v, want %q", err, tt.says)
			}
		})
	}
}
