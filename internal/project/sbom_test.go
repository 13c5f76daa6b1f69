package project

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"

	"example.com/stagecraft/internal/build"
	"example.com/stagecraft/internal/image/imagetest"
)

// listed is a project whose service hello-go was built for linux/amd64 alone.
func listed(t *testing.T) (Project, *bytes.Buffer) {
	t.Helper()
	root := t.TempDir()
	for name, content := range map[string]string{
		"project.yaml": "name: shop\nsource: https://example.com/shop\nlicenses: MIT\n", "dockerfiles/go.Dockerfile": "FROM scratch\n",
		"services/hello-go/service.yaml": "language: go\nprotocol: none\ndescription: Says hello\nsize: {linux/amd64: {unpacked: 1MB, pull: 1MB}, linux/arm64: {unpacked: 1MB, pull: 1MB}}\nrun: {memory: 8MB}\n", "services/hello-go/Dockerfile": "FROM scratch\n",
	} {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	img := imagetest.Image(t, "amd64", v1.Config{}, imagetest.Layer(t, imagetest.File("opt/x", "x")))
	if _, err := layout.Write(build.Layout(root, "hello-go"), mutate.AppendManifests(empty.Index, mutate.IndexAddendum{Add: img})); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	return Project{Root: root, Out: &out, Progress: io.Discard}, &out
}

func TestSBOM(t *testing.T) {
	t.Parallel()
	p, out := listed(t)
	for format, file := range map[string]string{"": "hello-go-linux-amd64.spdx.json", "cyclonedx": "hello-go-linux-amd64.cdx.json"} {
		out.Reset()
		if err := p.SBOM(t.Context(), "hello-go", "linux/amd64", format); err != nil {
			t.Fatal(err)
		}
		if want := "out/sbom/" + file + ": 0 packages, 1 files that belong to none\n"; out.String() != want {
			t.Errorf("it says %q, want %q", out, want)
		}
		if content, err := os.ReadFile(filepath.Join(p.Root, "out", "sbom", file)); err != nil || !bytes.Contains(content, []byte("opt/x")) {
			t.Errorf("%s: %v, %s", file, err, content)
		}
	}
}

func TestSBOMErrors(t *testing.T) {
	t.Parallel()
	p, _ := listed(t)
	for _, c := range []struct{ services, platforms, format, want string }{
		{"hello-go", "linux/arm64", "", "there is none for linux/arm64; `go tool mage build -services=hello-go` makes it"},
		{"hello-go", "", "swid", "choose from spdx, cyclonedx"},
		{"none", "", "", "choose from hello-go"},
	} {
		if err := p.SBOM(t.Context(), c.services, c.platforms, c.format); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: the error is %v", c, err)
		}
	}
	if err := os.RemoveAll(build.Layout(p.Root, "hello-go")); err != nil {
		t.Fatal(err)
	}
	if err := p.SBOM(t.Context(), "", "", ""); err == nil || !strings.Contains(err.Error(), "`go tool mage build -services=hello-go` makes it") {
		t.Errorf("without an image, the error is %v", err)
	}
}
