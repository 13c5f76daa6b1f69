package starter

import (
	"os"
	"slices"
	"strings"
	"testing"

	"example.com/stagecraft/internal/deploy"
)

// TestDeployFollows: what is deployed follows new services, removed ones and another name; overlays stay as they are written.
func TestDeployFollows(t *testing.T) {
	t.Parallel()
	const digest = "@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	const overlay = "resources: [../../base]\nnamespace: stagecraft-production\n"
	s := newSandbox(t)
	s.write("deploy/overlays/prod/kustomization.yaml", overlay)
	s.write(deploy.ImagesFile, "hello-c: ghcr.io/team/hello-c:1.0"+digest+"\nhello-go: ghcr.io/team/hello-go:1.0"+digest+"\n")
	s.render()
	s.git("add", "--all")
	s.git("commit", "--quiet", "--message=deploy")

	made, err := New(t.Context(), s.root, "hello-go", "greeter")
	if err != nil {
		t.Fatal(err)
	}
	if manifest := "deploy/base/services/greeter.yaml"; !slices.Contains(made.Rendered, manifest) || !strings.Contains(s.read(manifest), "image: unpublished.invalid/greeter\n") {
		t.Errorf("a new service rendered %v", made.Rendered)
	}
	removed, err := Remove(t.Context(), s.root, "hello-c", false)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{deploy.ImagesFile, "deploy/base/services/hello-c.yaml", "deploy/images/published/kustomization.yaml"} {
		if !slices.Contains(removed.Changed, file) {
			t.Errorf("removing a service changed %v, not %s", removed.Changed, file)
		}
	}
	if _, err := os.Stat(s.path("deploy/base/services/hello-c.yaml")); err == nil {
		t.Error("its manifest is there")
	}
	if images, err := deploy.Load(s.root); err != nil || len(images) != 1 || images["hello-go"] == "" {
		t.Errorf("deployed: %v, %v", images, err)
	}
	s.rendered()
	s.git("add", "--all")
	s.git("commit", "--quiet", "--message=change")

	renamed, err := Rename(t.Context(), s.root, shop)
	if err != nil {
		t.Fatal(err)
	}
	s.rendered()
	if got := s.read("deploy/base/namespace.yaml"); !strings.Contains(got, "  name: shop\n") {
		t.Errorf("the namespace is\n%s", got)
	}
	if got := s.read("deploy/overlays/prod/kustomization.yaml"); got != overlay {
		t.Errorf("the overlay is\n%s", got)
	}
	for _, kept := range renamed.Kept {
		if deploy.Renders(kept.Path) {
			t.Errorf("a rendered file is reported: %+v", kept)
		}
	}
}
