package render

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

func TestDeployedCompose(t *testing.T) {
	project, err := loadCompose(t, deployed, []byte(read(t, deployed, ComposeFile)), []byte(read(t, deployed, DeployedCompose)))
	if err != nil {
		t.Fatal(err)
	}
	const digest = "@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	for name, want := range map[string]string{
		"api":         "registry.example.com:5000/team/api:1.4" + digest + " unless-stopped",
		"api-migrate": "registry.example.com:5000/team/api:1.4" + digest + " ",
		"null":        "ghcr.io/team/null:1.4" + digest + " unless-stopped",
	} {
		s := project.Services[name]
		if got := s.Image + " " + s.Restart; got != want || s.Build != nil || !s.ReadOnly {
			t.Errorf("%s: got %s, built from %v, want %s", name, got, s.Build, want)
		}
	}
	if s := project.Services["stock"]; s.Image != "shop/stock:dev" || s.Build == nil {
		t.Errorf("what is not published is %s from %v", s.Image, s.Build)
	}
}

func TestDeployFollows(t *testing.T) {
	root := t.TempDir()
	if err := os.CopyFS(root, os.DirFS(deployed)); err != nil {
		t.Fatal(err)
	}
	render := func() string {
		t.Helper()
		changed, err := Write(root, load(t, root))
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(changed, " ")
	}
	edit(t, root, "deploy/images.yaml", "team/db:1.4", "team/db:1.5")
	if got := render(); got != "deploy/compose.yaml" { // the digest is the same
		t.Errorf("another image of a service changed %s", got)
	}
	remove(t, root, "services/nightly/service.yaml")
	if got := render(); !strings.HasPrefix(got, "compose.yaml deploy/base/kustomization.yaml deploy/base/services/nightly.yaml deploy/images/engine/kustomization.yaml ") {
		t.Errorf("a service that is gone changed %s", got)
	}
	write(t, root, "deploy/base/services/mine.yaml", "# My own.\n")
	if err := Check(root, load(t, root)); err != nil {
		t.Errorf("a manifest that a person wrote: %v", err)
	}
	edit(t, root, "deploy/images.yaml", "ghcr.io/team/null:1.4@", "ghcr.io/team/null:1.4 #")
	if _, err := Write(root, load(t, root)); err == nil || !strings.Contains(err.Error(), `null: "ghcr.io/team/null:1.4" does not name an image by its digest`) {
		t.Errorf("an image without a digest: %v", err)
	}
	if err := os.RemoveAll(filepath.Join(root, "deploy")); err != nil {
		t.Fatal(err)
	}
	if files, err := Files(root, load(t, root)); err != nil || files[DeployedCompose] != nil {
		t.Errorf("without the folder: %v", err)
	}
}

// TestNamesThatYAMLReads are written so that they stay text.
func TestNamesThatYAMLReads(t *testing.T) {
	for _, name := range []string{"null", "true", "no", "on", "y", "1e3", "a"} {
		word, err := yamlWord(name)
		var back any
		if err == nil {
			err = yaml.Load([]byte("{a: "+word+"}"), &back)
		}
		if text, ok := back.(map[string]any); err != nil || !ok || text["a"] != name {
			t.Errorf("%s is written as %s, which is %v (%v)", name, word, back, err)
		}
	}
}
