package project

import (
	"os"
	"path/filepath"
	"testing"

	"example.com/stagecraft/internal/build"
	"example.com/stagecraft/internal/engine"
)

// Steps of one verb share what was checked and found: what changes meanwhile is not looked at again.
func TestPlannedOnce(t *testing.T) {
	p := clone(t)
	t.Setenv(build.BasesSetting, "official") // a registry that does not answer is a note
	t.Setenv(build.RegistrySetting, "127.0.0.1:1")
	repository, err := p.catalog()
	if err != nil {
		t.Fatal(err)
	}
	sel, err := build.Select(repository, "", "")
	if err != nil {
		t.Fatal(err)
	}
	builder, err := build.New(t.Context(), p.Root, &engine.Engine{}, "", p.Progress)
	if err != nil {
		t.Fatal(err)
	}
	first := &job{Builder: builder, repository: repository, sel: sel}
	if plan, err := first.planned(t.Context()); err != nil || plan.String() != sel.String() {
		t.Fatalf("planned %s, %v", plan, err)
	}
	if err := os.WriteFile(filepath.Join(p.Root, "docker-bake.json"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := first.planned(t.Context()); err != nil {
		t.Errorf("it is planned again: %v", err)
	}
	second := &job{Builder: builder, repository: repository, sel: sel}
	if _, err := second.planned(t.Context()); err == nil {
		t.Error("a rendered file that was changed is planned with")
	}
}
