package integration

import (
	"os"
	"path/filepath"
	"testing"

	"example.com/stagecraft/internal/catalog"
)

// TestAddedService: a folder with a service.yaml and an image is all that it takes to be proven. The folder gets a name that
// no Go file knows.
func TestAddedService(t *testing.T) {
	lab := open(t)
	root := t.TempDir()
	for _, dir := range []string{"dockerfiles", "services"} {
		if err := os.Mkdir(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.CopyFS(filepath.Join(root, "dockerfiles"), os.DirFS(filepath.Join(lab.root, "dockerfiles"))); err != nil {
		t.Fatal(err)
	}
	name := unique("added")
	if err := os.CopyFS(filepath.Join(root, "services", name), os.DirFS("testdata/services/added")); err != nil {
		t.Fatal(err)
	}
	services, err := catalog.Load(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, platform := range catalog.Platforms {
		if lab.whyNot[platform] == "" {
			if err := lab.load(t.Context(), name, platform, fixtureConfig()); err != nil {
				t.Fatal(err)
			}
		}
	}
	quick := *lab
	quick.sigterms = sigtermsAtOnce // the fixture is not what is proven here
	var report report
	t.Run("proof", func(t *testing.T) { prove(t, &quick, services, &report) })

	t.Logf("\n%s", report.String())
	if len(report.results) != len(catalog.Platforms) {
		t.Fatalf("%d platforms were reported, not %d", len(report.results), len(catalog.Platforms))
	}
	for _, r := range report.results {
		if r.skipped == "" && (r.checks.kept != len(services[0].Checks) || r.promises.all() != len(together)+len(alone)) {
			t.Errorf("expected that %d checks and %d promises are tried, got %+v", len(services[0].Checks), len(together)+len(alone), *r)
		}
	}
}
