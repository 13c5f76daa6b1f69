package integration

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/moby/moby/client"

	"example.com/stagecraft/internal/build"
	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/render"
)

// TestPlainNode: the template for Node.js serves services without native addons, and without any module, too. The sample
// has both.
func TestPlainNode(t *testing.T) {
	lab := open(t)
	root := t.TempDir()
	name := unique("plain")
	for to, from := range map[string]string{
		"dockerfiles":      filepath.Join(lab.root, "dockerfiles"),
		"services/" + name: "testdata/services/plain",
	} {
		if err := os.CopyFS(filepath.Join(root, filepath.FromSlash(to)), os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
	}
	ignored, err := os.ReadFile(filepath.Join(lab.root, ".dockerignore"))
	if err == nil {
		err = os.WriteFile(filepath.Join(root, ".dockerignore"), ignored, 0o600)
	}
	if err == nil { // the stand-in bases
		err = os.Symlink(filepath.Join(lab.root, "bare"), filepath.Join(root, "bare"))
	}
	if err != nil {
		t.Fatal(err)
	}
	services, err := catalog.Load(root)
	if err == nil {
		_, err = render.Write(root, services)
	}
	if err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	sel := build.Selection{Services: services, Platforms: []catalog.Platform{lab.native}}
	builder, err := build.New(t.Context(), root, lab.engine, "", &said)
	if err == nil {
		err = builder.Test(t.Context(), sel)
	}
	if err == nil {
		_, err = builder.Build(t.Context(), sel)
	}
	if err != nil {
		t.Fatalf("%v%s", err, tail(said.String()))
	}
	t.Cleanup(func() {
		for _, tag := range []string{build.Image(name), build.Tag(name, lab.native)} {
			if _, err := lab.runner.API().ImageRemove(context.Background(), tag, client.ImageRemoveOptions{Force: true}); err != nil {
				t.Error(err)
			}
		}
	})
	target := lab.target(services[0], lab.native)
	container, err := target.runner.Start(t.Context(), target.spec())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := container.Remove(t.Context()); err != nil {
			t.Error(err)
		}
	}()
	s := target.subject(t.Context(), container)
	err = errors.Join(isHealthy(t.Context(), s), declared(services[0])[0].keep(t.Context(), s), endsAtSIGTERM(t.Context(), s))
	if err != nil {
		t.Error(err)
	}
}
