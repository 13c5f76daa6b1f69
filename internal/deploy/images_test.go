package deploy

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
)

const digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

func TestImages(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	if images, err := Load(root); err != nil || len(images) != 0 {
		t.Errorf("before anything is published: %v, %v", images, err)
	}
	tag, err := name.NewTag("registry.example.com:5000/team/api:1.4", name.StrictValidation)
	if err != nil {
		t.Fatal(err)
	}
	image := NewImage(tag, tag.Context().Digest(digest))
	if image.Repository() != "registry.example.com:5000/team/api" || image.Digest() != digest {
		t.Errorf("%s is %s and %s", image, image.Repository(), image.Digest())
	}
	want := Images{"api": image, "null": "ghcr.io/team/null:1@" + digest}
	if err := want.Write(root); err == nil || !strings.HasPrefix(err.Error(), "writing deploy/images.yaml: ") {
		t.Errorf("without the folder: %v", err)
	}
	if err := os.Mkdir(filepath.Join(root, Dir), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := want.Write(root); err != nil {
		t.Fatal(err)
	}
	if got, err := Load(root); err != nil || !maps.Equal(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
}

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]string{
		"api: registry.example.com/api:1.4\n":                    `deploy/images.yaml: api: "registry.example.com/api:1.4" does not name an image by its digest; correct it, or take it back: git restore deploy/images.yaml`,
		"api: registry.example.com/api@sha256:12\n":              `deploy/images.yaml: api: "registry.example.com/api@sha256:12" does not name`,
		"- registry.example.com/api:1.4@" + digest + "\n":        "deploy/images.yaml: ",
		"api: registry.example.com/api:1.4@" + digest + "\napi:": "deploy/images.yaml: ",
	} {
		root := t.TempDir()
		if err := os.Mkdir(filepath.Join(root, Dir), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, ImagesFile), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(root); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", content, err, want)
		}
	}
}

func TestRenders(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]bool{
		"deploy/base/services/api.yaml": true, "deploy/images/engine/kustomization.yaml": true, "deploy/compose.yaml": true,
		"deploy/images.yaml": false, "deploy/overlays/prod/kustomization.yaml": false, "compose.yaml": false,
	} {
		if Renders(file) != want {
			t.Errorf("%s: %v", file, !want)
		}
	}
}
