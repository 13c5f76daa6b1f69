package tooling

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/stagecraft/internal/build"
	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/engine"
	"example.com/stagecraft/internal/image"
)

// quickest are the services that other builders than the engine's own are tried with: the quickest to build from nothing.
const quickest = "hello-go"

// checkout copies what builds need of a repository.
func checkout(t *testing.T, from string) string {
	t.Helper()
	root := filepath.Join(t.TempDir(), "checkout")
	if err := build.Copy(from, root); err != nil {
		t.Fatal(err)
	}
	return root
}

// bareMachine skips a test that needs programs of bare/ where it cannot have them.
func bareMachine(t *testing.T, root string) {
	t.Helper()
	if !engine.NewBare(root).Exists() {
		t.Skip("needs bare/")
	}
	if os.Geteuid() != 0 {
		t.Skip("starts daemons of its own, which needs root")
	}
}

// samples skips a test of the tooling that builds or changes samples where a team has deleted them.
func samples(t *testing.T, root, names string) {
	t.Helper()
	for name := range strings.SplitSeq(names, ",") {
		if _, err := os.Stat(filepath.Join(root, "services", name)); err != nil {
			t.Skipf("needs the sample %s", name)
		}
	}
}

// chosen is what is built.
func chosen(t *testing.T, root string) build.Selection {
	t.Helper()
	samples(t, root, quickest)
	all, err := catalog.Load(root)
	if err != nil {
		t.Fatal(err)
	}
	sel, err := build.Select(all, quickest, "")
	if err != nil {
		t.Fatal(err)
	}
	return sel
}

// planned plans a selection of the repository at root.
func planned(t *testing.T, b *build.Builder, root string, sel build.Selection) build.Plan {
	t.Helper()
	repository, err := catalog.Load(root)
	mustNot(t, err)
	plan, err := b.Plan(t.Context(), repository, sel)
	mustNot(t, err)
	return plan
}

// bake builds sel from nothing, and again: the images are the same bit for bit as those that the engine's own BuildKit
// made, and the second time there is nothing to do.
func bake(t *testing.T, b *build.Builder, root, reference string, sel build.Selection) {
	t.Helper()
	plan := planned(t, b, root, sel)
	start := time.Now()
	first, err := b.Build(t.Context(), plan)
	mustNot(t, err)
	t.Logf("built %v in %v", sel, time.Since(start).Round(time.Second))
	if len(first.Built) != len(sel.Services) {
		t.Errorf("built %v, want all of %v", first.Built, sel)
	}
	for _, s := range sel.Services {
		if got, want := digest(t, root, s.Name), digest(t, reference, s.Name); got != want {
			t.Errorf("%s is %s, and %s when the engine's own BuildKit builds it", s.Name, got, want)
		}
	}
	second, err := b.Build(t.Context(), plan)
	mustNot(t, err)
	if len(second.Built) != 0 {
		t.Errorf("nothing changed, and %v were built again", second.Built)
	}
}

func digest(t *testing.T, root, service string) string {
	t.Helper()
	layout, err := image.Open(build.Layout(root, service))
	if err != nil {
		t.Fatalf("%v; `go tool mage build` makes it", err)
	}
	defer layout.Close()
	return layout.Digest().String()
}
