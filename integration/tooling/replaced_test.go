package tooling

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/client"

	"example.com/stagecraft/internal/project"
)

// TestReplacedImages: an image that a new one has replaced is removed from the engine; somebody else's is not.
func TestReplacedImages(t *testing.T) {
	lab := open(t)
	docker := lab.engine.Client()
	root := checkout(t, lab.root)
	dir := filepath.Join(root, "services", "plain")
	name := unique("replaced")
	source := "https://example.com/" + name
	mustNot(t,
		os.CopyFS(dir, os.DirFS("testdata/services/plain")),
		os.WriteFile(filepath.Join(root, "project.yaml"), []byte("name: "+name+"\nsource: "+source+"\nlicenses: MIT\nplatforms: ["+string(lab.native)+"]\n"), 0o600),
	)
	foreign := untagged(t, docker, "https://example.com/foreign-"+name)
	p := project.Project{Root: root, Out: t.Output(), Progress: t.Output()}
	mustNot(t, p.Render())
	lab.discard(t, name+"/plain:dev", name+"/plain:dev-"+lab.native.Arch())
	built := func() string {
		t.Helper()
		mustNot(t, p.Build(t.Context(), "plain", ""))
		now, err := docker.ImageInspect(t.Context(), name+"/plain:dev")
		mustNot(t, err)
		return now.ID
	}
	first := built()
	file := filepath.Join(dir, "src", "server.js")
	mustNot(t, os.WriteFile(file, []byte(strings.ReplaceAll(string(read(t, file)), "Hello", "Changed")), 0o600))
	if built() == first {
		t.Fatal("a change made no other image")
	}
	if _, err := docker.ImageInspect(t.Context(), first); !errdefs.IsNotFound(err) {
		t.Errorf("the image that was replaced is still there (%v)", err)
	}
	if _, err := docker.ImageInspect(t.Context(), foreign); err != nil {
		t.Errorf("an image of another project is gone: %v", err)
	}
}

// untagged makes an image that nothing refers to, and removes it after the test.
func untagged(t *testing.T, docker *client.Client, source string) (id string) {
	t.Helper()
	var layer bytes.Buffer
	archive := tar.NewWriter(&layer)
	mustNot(t, archive.WriteHeader(&tar.Header{Name: "empty", Mode: 0o644}), archive.Close())
	answer, err := docker.ImageImport(t.Context(), client.ImageImportSource{Source: &layer, SourceName: "-"}, "",
		client.ImageImportOptions{Changes: []string{"LABEL org.opencontainers.image.source=" + source}})
	mustNot(t, err)
	var made struct{ Status string }
	mustNot(t, json.NewDecoder(answer).Decode(&made), answer.Close())
	t.Cleanup(func() {
		if _, err := docker.ImageRemove(context.Background(), made.Status, client.ImageRemoveOptions{Force: true}); err != nil {
			t.Error(err)
		}
	})
	return made.Status
}
