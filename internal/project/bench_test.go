package project

import (
	"strings"
	"testing"
)

func TestSomeServicesKeepNoFigures(t *testing.T) {
	t.Parallel()
	p := clone(t)
	for name, err := range map[string]error{
		"services": p.BenchServices(t.Context(), "hello-c", true),
		"build":    p.BenchBuild(t.Context(), "hello-c", 0, true),
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
