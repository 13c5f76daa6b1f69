package project

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSomeServicesKeepNoFigures(t *testing.T) {
	t.Parallel()
	p := clone(t)
	for name, err := range map[string]error{
		"services": p.BenchServices(t.Context(), "hello-c", true),
		"build":    p.BenchBuild(t.Context(), "hello-c", 0, true),
		"dev":      p.BenchDev(t.Context(), "hello-c", true),
		"mutants":  p.BenchMutants(t.Context(), "internal/image", true),
	} {
		if err == nil || !strings.Contains(err.Error(), "or -write") {
			t.Errorf("bench:%s: %v", name, err)
		}
	}
	if before, after := (Project{Root: "../.."}).read(t, "docs/benchmarks.md"), p.read(t, "docs/benchmarks.md"); before != after {
		t.Error("the page changed")
	}
}

func TestChangedGo(t *testing.T) {
	t.Parallel()
	p := clone(t)
	p.git(t, "init", "--quiet")
	p.git(t, "add", "--all")
	p.git(t, "commit", "--quiet", "--message=begin")
	p.Since = "HEAD"
	if err := p.BenchMutants(t.Context(), "", false); err == nil || !strings.Contains(err.Error(), "changed since HEAD") {
		t.Errorf("nothing changed: %v", err)
	}
	for _, f := range []string{"internal/image/tree.go", "internal/image/tree_test.go", "internal/git/git.go", "magefile.go"} {
		file := filepath.Join(p.Root, filepath.FromSlash(f))
		if err := os.WriteFile(file, []byte("package x\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	files, err := p.changedGo(t.Context())
	if err != nil || len(files) != 1 || strings.Join(files["internal/image"], " ") != "tree.go" {
		t.Errorf("changed are %v, %v, want tree.go of the one package with tests", files, err)
	}
	p.Since = "nowhere"
	if _, err := p.changedGo(t.Context()); err == nil || !strings.Contains(err.Error(), "since nowhere: ") {
		t.Errorf("no such revision: %v", err)
	}
}
