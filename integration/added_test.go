package integration

import (
	"os"
	"path/filepath"
	"testing"

	"example.com/stagecraft/internal/catalog"
)

// TestAddedService: a folder with a service.yaml and an image is all that a proof needs. The folder gets a name that
// no Go file knows.
func TestAddedService(t *testing.T) { //nolint:tparallel // the subtest's report is read below it
	t.Parallel()
	lab := open(t)
	root := t.TempDir()
	for _, dir := range []string{"dockerfiles", "services"} {
		if err := os.Mkdir(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.CopyFS(filepath.Join(root, "dockerfiles"), os.DirFS(filepath.Join("..", "dockerfiles"))); err != nil {
		t.Fatal(err)
	}
	name := unique("added")
	if err := os.CopyFS(filepath.Join(root, "services", name), os.DirFS("testdata/services/added")); err != nil {
		t.Fatal(err)
	}
	facts := "name: " + lab.repository.Project.Name + "\nsource: https://example.com/x\nlicenses: MIT\nplatforms: [linux/amd64, linux/arm64]\n"
	if err := os.WriteFile(filepath.Join(root, "project.yaml"), []byte(facts), 0o600); err != nil {
		t.Fatal(err)
	}
	repository, err := catalog.Load(root)
	if err != nil {
		t.Fatal(err)
	}
	service := repository.Services[0]
	platforms := repository.Project.Platforms
	for _, platform := range platforms {
		if lab.whyNot[platform] == "" {
			if err := lab.load(t.Context(), service, platform, fixtureConfig()); err != nil {
				t.Fatal(err)
			}
		}
	}
	quick := *lab
	quick.repository = repository
	quick.sigterms = sigtermsAtOnce // the fixture is not what is proven here
	var report report
	t.Run("proof", func(t *testing.T) { prove(t, &quick, service, platforms, &report) })

	t.Logf("\n%s", report.String())
	if len(report.results) != len(platforms) {
		t.Fatalf("%d platforms were reported, not %d", len(report.results), len(platforms))
	}
	for _, r := range report.results {
		if r.skipped == "" && (r.checks.kept != len(service.Checks) || r.promises.all() != len(promises)) {
			t.Errorf("expected that %d checks and %d promises are tried, got %+v", len(service.Checks), len(promises), *r)
		}
	}
}
