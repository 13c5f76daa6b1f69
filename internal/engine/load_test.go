package engine

import (
	"archive/tar"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"

	"example.com/stagecraft/internal/catalog"
)

// loader is an engine for linux/arm64 that keeps what it is given to load, and answers.
func loader(t *testing.T, answer string, files map[string]string) *Engine {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Api-Version", "1.56")
		w.Header().Set("Content-Type", "application/json")
		switch {
		case strings.HasSuffix(r.URL.Path, "/version"):
			fmt.Fprint(w, `{"Os": "linux", "Arch": "arm64"}`)
		case strings.HasSuffix(r.URL.Path, "/images/load"):
			for in := tar.NewReader(r.Body); ; {
				header, err := in.Next()
				if errors.Is(err, io.EOF) {
					break
				}
				content, readErr := io.ReadAll(in)
				if err != nil || readErr != nil {
					t.Errorf("the archive breaks off: %v, %v", err, readErr)
					return
				}
				files[header.Name] = string(content)
			}
			fmt.Fprint(w, answer)
		}
	}))
	t.Cleanup(server.Close)
	e := &Engine{Host: "tcp://" + server.Listener.Addr().String()}
	if err := e.connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	return e
}

// exported is an OCI layout as BuildKit exports it: of one image when there is one platform, else of an index.
func exported(t *testing.T, platforms ...catalog.Platform) (dir string) {
	t.Helper()
	var images []v1.Image
	index := v1.ImageIndex(empty.Index)
	for _, p := range platforms {
		image, err := random.Image(100, 2)
		if err != nil {
			t.Fatal(err)
		}
		config, err := image.ConfigFile()
		if err != nil {
			t.Fatal(err)
		}
		config = config.DeepCopy()
		config.OS, config.Architecture = "linux", p.Arch()
		if image, err = mutate.ConfigFile(image, config); err != nil {
			t.Fatal(err)
		}
		images = append(images, image)
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: image, Descriptor: v1.Descriptor{Platform: config.Platform()}})
	}
	dir = t.TempDir()
	path, err := layout.Write(dir, empty.Index)
	if err == nil && len(images) == 1 {
		err = path.AppendImage(images[0])
	} else if err == nil {
		err = path.AppendIndex(index)
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestLoadNamesImagesForBothStores(t *testing.T) {
	for _, tt := range []struct {
		platforms   []catalog.Platform
		named, tags []string
	}{
		{catalog.Platforms, []string{"a:dev", "a:dev-amd64", "a:dev-arm64"}, []string{"a:dev-amd64", "a:dev-arm64 a:dev"}},
		{catalog.Platforms[:1], []string{"a:dev", "a:dev-amd64"}, []string{"a:dev-amd64 a:dev"}}, // not the engine's own: better than none
		{catalog.Platforms[1:], []string{"a:dev", "a:dev-arm64"}, []string{"a:dev-arm64 a:dev"}},
	} {
		files := map[string]string{}
		e := loader(t, `{"stream":"Loaded image: a:dev\n"}`, files)
		err := e.Load(t.Context(), exported(t, tt.platforms...), "a:dev", func(p catalog.Platform) string { return "a:dev-" + p.Arch() })
		if err != nil {
			t.Fatal(err)
		}
		var index v1.IndexManifest
		var legacy []struct {
			Config           string
			RepoTags, Layers []string
		}
		if err := errors.Join(json.Unmarshal([]byte(files["index.json"]), &index), json.Unmarshal([]byte(files["manifest.json"]), &legacy)); err != nil {
			t.Fatal(err)
		}
		var named, tags []string
		for _, m := range index.Manifests {
			named = append(named, strings.TrimPrefix(m.Annotations["io.containerd.image.name"], "docker.io/"))
			if _, ok := files["blobs/sha256/"+m.Digest.Hex]; !ok {
				t.Errorf("%v: the archive lacks %s", tt.platforms, m.Digest)
			}
		}
		for _, l := range legacy {
			tags = append(tags, strings.Join(l.RepoTags, " "))
			for _, blob := range append(l.Layers, l.Config) {
				if _, ok := files[blob]; !ok {
					t.Errorf("%v: the archive lacks %s", tt.platforms, blob)
				}
			}
			if len(l.Layers) != 2 {
				t.Errorf("%v: %d layers, want 2", tt.platforms, len(l.Layers))
			}
		}
		if !slices.Equal(named, tt.named) || !slices.Equal(tags, tt.tags) {
			t.Errorf("%v: containerd's store names %v, the legacy one %v; want %v, %v", tt.platforms, named, tags, tt.named, tt.tags)
		}
	}
}

func TestLoadFails(t *testing.T) {
	for answer, says := range map[string]string{
		`{"stream":"Loading"}{"errorDetail":{"message":"no space left on device"},"error":"no space left on device"}`: "no space left on device",
		`{"stream":"Loaded image: a:dev\n"}{"stream":"Error unpacking image a:dev: mismatched image rootfs\n"}`:       "mismatched image rootfs",
		`{"stream":"Load`: "understand the engine",
	} {
		e := loader(t, answer, map[string]string{})
		err := e.Load(t.Context(), exported(t, catalog.Platforms...), "a:dev", func(catalog.Platform) string { return "a:x" })
		if err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error is %v, want one line with %q", answer, err, says)
		}
	}
	e := loader(t, "", map[string]string{})
	if err := e.Load(t.Context(), t.TempDir(), "a:dev", func(catalog.Platform) string { return "" }); err == nil {
		t.Error("a folder without a layout is loaded")
	}
}

// FindRunning never starts anything.
func TestFindRunning(t *testing.T) {
	alone(t)
	e, err := FindRunning(t.Context(), t.TempDir(), io.Discard)
	if err != nil || !e.Absent() || len(e.Buildx) == 0 {
		t.Fatalf("where there is no engine: %+v, %v; want buildx alone", e, err)
	}
	if env := e.Env(); slices.ContainsFunc(env, func(s string) bool { return strings.HasPrefix(s, "DOCKER_HOST=") }) {
		t.Error("without an engine, programs are told of one")
	}
	alive := fakeEngine(t, "[]")
	t.Setenv("DOCKER_HOST", alive)
	if e, err := FindRunning(t.Context(), t.TempDir(), io.Discard); err != nil || e.Absent() || e.Host != alive {
		t.Errorf("where there is one: %+v, %v", e, err)
	}
	t.Setenv("DOCKER_HOST", dead)
	if e, err := FindRunning(t.Context(), t.TempDir(), io.Discard); err == nil {
		t.Errorf("a named engine that is dead: %+v, want an error", e)
	}
	t.Setenv(Setting, "podman")
	if _, err := FindRunning(t.Context(), t.TempDir(), io.Discard); err == nil || !strings.Contains(err.Error(), "auto, private or off") {
		t.Errorf("an unknown setting: %v", err)
	}
}
