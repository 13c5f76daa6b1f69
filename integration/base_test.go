package integration

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/containerd/errdefs"

	"example.com/stagecraft/internal/catalog"
)

// layered are the languages whose templates put the interpreter and its system files into the first layer.
var layered = []catalog.Language{"node", "python"}

// TestServicesShareTheirBase: what services of one language have in common is one layer, which is stored and pulled once.
func TestServicesShareTheirBase(t *testing.T) {
	t.Parallel()
	lab := open(t)
	for _, language := range layered {
		for _, platform := range lab.repository.Project.Platforms {
			t.Run(fmt.Sprintf("%s/%s", language, platform.Arch()), func(t *testing.T) {
				t.Parallel()
				bases := map[string]string{}
				for _, service := range lab.repository.All() {
					if service.Language != language || service.Dockerfile != catalog.Rendered {
						continue
					}
					image, err := lab.api.ImageInspect(t.Context(), service.Tag(platform))
					if errdefs.IsNotFound(err) {
						continue // it is not built, or for another platform alone
					}
					if err != nil {
						t.Fatalf("inspecting image %s: %v", service.Tag(platform), err)
					}
					bases[service.Name] = image.RootFS.Layers[0]
				}
				if len(bases) < 2 {
					t.Skipf("not tried: %d services of %s are built", len(bases), language)
				}
				if problem := differentBases(bases); problem != "" {
					t.Errorf("dockerfiles/%s.Dockerfile: %s; take the facts of a service out of the stage base, or build all again: "+
						"go tool mage build -services=%s", language, problem, strings.Join(slices.Sorted(maps.Keys(bases)), ","))
				}
			})
		}
	}
}

// differentBases names two services whose first layers differ; it is empty if they are all the same.
func differentBases(bases map[string]string) string {
	names := slices.Sorted(maps.Keys(bases))
	for _, name := range names {
		if bases[name] != bases[names[0]] {
			return fmt.Sprintf("the first layer of %s is %s, that of %s is %s", names[0], bases[names[0]], name, bases[name])
		}
	}
	return ""
}

func TestDifferentBases(t *testing.T) {
	if got := differentBases(map[string]string{"a": "sha256:1", "b": "sha256:1"}); got != "" {
		t.Errorf("of the same: %s", got)
	}
	want := "the first layer of a is sha256:1, that of c is sha256:2"
	if got := differentBases(map[string]string{"a": "sha256:1", "b": "sha256:1", "c": "sha256:2"}); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
