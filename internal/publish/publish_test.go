package publish_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"example.com/stagecraft/internal/image"
	"example.com/stagecraft/internal/image/imagetest"
	"example.com/stagecraft/internal/publish"
)

// base is a layer that services share.
func base(t *testing.T) v1.Layer {
	return imagetest.Layer(t, imagetest.File("usr/lib/shared", strings.Repeat("shared ", 50_000)))
}

// layoutOf is the folder of a service's layout for two platforms.
func layoutOf(t *testing.T, service string, layers ...v1.Layer) string {
	t.Helper()
	idx := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, arch := range []string{"amd64", "arm64"} {
		own := imagetest.Layer(t, imagetest.File("app/"+service, arch+" program of "+service))
		img := imagetest.Image(t, arch, v1.Config{User: "65532"}, append(layers, own)...)
		idx = mutate.AppendManifests(idx, mutate.IndexAddendum{Add: img, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: arch}}})
	}
	dir := t.TempDir()
	if _, err := layout.Write(dir, mutate.AppendManifests(empty.Index, mutate.IndexAddendum{Add: idx})); err != nil {
		t.Fatal(err)
	}
	return dir
}

// server is a registry that answers in the way of handle where that returns true.
func server(t *testing.T, handle func(http.ResponseWriter, *http.Request) bool) name.Registry {
	t.Helper()
	blobs := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if handle == nil || !handle(w, r) {
			blobs.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(s.Close)
	host, err := name.NewRegistry(strings.TrimPrefix(s.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	return host
}

func imageOf(t *testing.T, host name.Registry, service, tag, dir string) publish.Image {
	t.Helper()
	return publish.Image{Service: service, Layout: dir, Tag: host.Repo("team", service).Tag(tag)}
}

// apart makes a registry forget, until a blob is mounted, that repositories have their blobs in common.
func apart(repository string, mounts *atomic.Int32) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasPrefix(r.URL.Path, "/v2/"+repository+"/blobs/") || mounts.Load() > 0 {
			return false
		}
		switch {
		case r.Method == http.MethodHead:
			w.WriteHeader(http.StatusNotFound)
			return true
		case r.Method == http.MethodPost && r.URL.Query().Get("mount") != "" && r.URL.Query().Get("from") != "":
			mounts.Add(1)
			w.WriteHeader(http.StatusCreated)
			return true
		}
		return false
	}
}

func publisher(t *testing.T, c publish.Compression) publish.Publisher {
	t.Helper()
	if _, err := exec.LookPath("zstd"); err != nil && c == publish.Zstd {
		t.Skip("the program zstd is not installed")
	}
	return publish.Publisher{
		Compressor: publish.Compressor{Compression: c, Dir: t.TempDir()},
		Options:    []remote.Option{remote.WithRetryBackoff(remote.Backoff{Duration: time.Millisecond, Steps: 3})},
	}
}

// TestWhatIsPublished compares what a registry has with the layout: same configurations, same content, valid.
func TestWhatIsPublished(t *testing.T) {
	t.Parallel()
	for _, c := range []publish.Compression{publish.Zstd, publish.Gzip} {
		t.Run(string(c), func(t *testing.T) {
			t.Parallel()
			p, host := publisher(t, c), server(t, nil)
			image := imageOf(t, host, "hello", "1.0", layoutOf(t, "hello", base(t)))
			image.Annotations = map[string]string{"org.opencontainers.image.revision": "abc"}
			done, err := p.Publish(t.Context(), []publish.Image{image})
			if err != nil {
				t.Fatal(err)
			}
			index, err := remote.Index(image.Tag)
			if err != nil {
				t.Fatal(err)
			}
			verify(t, index)
			digest, err := index.Digest()
			if err != nil || digest.String() != done[0].Digest.DigestStr() {
				t.Errorf("the tag names %s, reported is %s, %v", digest, done[0].Digest, err)
			}
			manifest, err := index.IndexManifest()
			if err != nil {
				t.Fatal(err)
			}
			if manifest.Annotations["org.opencontainers.image.revision"] != "abc" {
				t.Errorf("annotations of the index: %v", manifest.Annotations)
			}
			before := configs(t, image.Layout)
			if len(manifest.Manifests) != len(before) {
				t.Fatalf("%d images, not %d", len(manifest.Manifests), len(before))
			}
			for i, desc := range manifest.Manifests {
				child, err := index.Image(desc.Digest)
				if err != nil {
					t.Fatal(err)
				}
				config, err := child.RawConfigFile()
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(config, before[desc.Platform.String()]) {
					t.Errorf("%s: the configuration is %s, was %s", desc.Platform, config, before[desc.Platform.String()])
				}
				m, err := child.Manifest()
				if err != nil {
					t.Fatal(err)
				}
				if m.Annotations["org.opencontainers.image.revision"] != "abc" {
					t.Errorf("annotations for %s: %v", desc.Platform, m.Annotations)
				}
				size := desc.Size + m.Config.Size
				for _, l := range m.Layers {
					size += l.Size
					if wrong := strings.HasSuffix(string(l.MediaType), "+zstd") != (c == publish.Zstd); wrong {
						t.Errorf("%s: a layer of type %s", desc.Platform, l.MediaType)
					}
				}
				if want := (publish.Platform{Name: desc.Platform.String(), Pull: size}); done[0].Platforms[i] != want {
					t.Errorf("reported is %v, not %v", done[0].Platforms[i], want)
				}
			}
		})
	}
}

// verify reads every file of an index; digests are compared as they are read.
func verify(t *testing.T, index v1.ImageIndex) {
	t.Helper()
	opened, err := image.FromIndex(index)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	for _, i := range opened.Images() {
		if files, err := i.Files(); err != nil || files == nil {
			t.Errorf("%s: %v", i.Platform(), err)
		}
	}
}

// configs are the configurations in a layout by platform.
func configs(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	root, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := root.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	if root, err = root.ImageIndex(manifest.Manifests[0].Digest); err != nil {
		t.Fatal(err)
	}
	if manifest, err = root.IndexManifest(); err != nil {
		t.Fatal(err)
	}
	found := map[string][]byte{}
	for _, desc := range manifest.Manifests {
		child, err := root.Image(desc.Digest)
		if err != nil {
			t.Fatal(err)
		}
		if found[desc.Platform.String()], err = child.RawConfigFile(); err != nil {
			t.Fatal(err)
		}
	}
	return found
}

// TestWhatIsThereIsNotSentAgain: nothing the second time, and a layer of two services once.
func TestWhatIsThereIsNotSentAgain(t *testing.T) {
	t.Parallel()
	var uploads, mounts atomic.Int32
	second := apart("team/two", &mounts)
	host := server(t, func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPatch {
			uploads.Add(1)
		}
		return second(w, r)
	})
	p := publisher(t, publish.Gzip)
	shared := base(t)
	images := []publish.Image{
		imageOf(t, host, "one", "v1", layoutOf(t, "one", shared)),
		imageOf(t, host, "two", "v1", layoutOf(t, "two", shared)),
	}
	first, err := p.Publish(t.Context(), images)
	if err != nil {
		t.Fatal(err)
	}
	if first[0].Sent <= first[1].Sent || first[1].Sent == 0 {
		t.Errorf("sent %d and %d bytes: the second service must send its own layers and not the shared one", first[0].Sent, first[1].Sent)
	}
	if mounts.Load() == 0 {
		t.Error("the shared layer was not taken from the first repository")
	}
	before := uploads.Load()
	again, err := p.Publish(t.Context(), images)
	if err != nil {
		t.Fatal(err)
	}
	if n := uploads.Load() - before; n != 0 || again[0].Sent+again[1].Sent != 0 {
		t.Errorf("the second time %d blobs were sent, %d bytes", n, again[0].Sent+again[1].Sent)
	}
}

// TestTagsDoNotMove without force, and nothing is sent before that is known.
func TestTagsDoNotMove(t *testing.T) {
	t.Parallel()
	var uploads atomic.Int32
	host := server(t, func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPatch {
			uploads.Add(1)
		}
		return false
	})
	p := publisher(t, publish.Gzip)
	if _, err := p.Publish(t.Context(), []publish.Image{imageOf(t, host, "hello", "v1", layoutOf(t, "hello"))}); err != nil {
		t.Fatal(err)
	}
	before := uploads.Load()
	other := []publish.Image{
		imageOf(t, host, "fine", "v1", layoutOf(t, "fine")),
		imageOf(t, host, "hello", "v1", layoutOf(t, "other")),
	}
	_, err := p.Publish(t.Context(), other)
	if err == nil || !strings.Contains(err.Error(), "v1 names another image; choose another -tag, or move it with -force") {
		t.Errorf("got %v", err)
	}
	if n := uploads.Load() - before; n != 0 {
		t.Errorf("%d blobs were sent all the same", n)
	}
	p.Force = true
	done, err := p.Publish(t.Context(), other)
	if err != nil {
		t.Fatal(err)
	}
	there, err := remote.Head(other[1].Tag)
	if err != nil || there.Digest.String() != done[1].Digest.DigestStr() {
		t.Errorf("the tag names %v, %v", there, err)
	}
}

// TestFaults provokes what registries do, and reads the line that a person sees. Nothing is tagged, and the next run works.
func TestFaults(t *testing.T) {
	t.Parallel()
	refuse := func(method, path string, status int, body string) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method != method || !strings.Contains(r.URL.Path, path) {
				return false
			}
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
			return true
		}
	}
	cut := func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPatch {
			panic(http.ErrAbortHandler)
		}
		return false
	}
	uploads, manifests := "/blobs/uploads/", "/manifests/"
	for _, c := range []struct {
		name   string
		handle func(http.ResponseWriter, *http.Request) bool
		want   string // HOST is the registry
	}{
		{
			"no login", refuse(http.MethodPost, uploads, 401, `{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}`),
			"publish hello: push to HOST/team/hello: HOST answers 401 Unauthorized (authentication required); run `docker login HOST`",
		},
		{
			"no right", refuse(http.MethodPost, uploads, 403, `{"errors":[{"code":"DENIED","message":"access denied"}]}`),
			"publish hello: push to HOST/team/hello: HOST answers 403 Forbidden (access denied); the account that `docker login HOST` stored may not push there; ask for the right to, or use another registry",
		},
		{
			"a layer too large", refuse(http.MethodPatch, uploads, 413, "<html>"),
			"publish hello: push to HOST/team/hello: HOST answers 413 Request Entity Too Large; HOST, or a proxy before it, limits the size of a layer; raise that limit (nginx: client_max_body_size)",
		},
		{
			"too many requests", refuse(http.MethodPost, uploads, 429, `{"errors":[{"code":"TOOMANYREQUESTS","message":"slow down"}]}`),
			"publish hello: push to HOST/team/hello: HOST answers 429 Too Many Requests (slow down); HOST limits how much is asked of it; wait, then run the same command again: what has arrived is not sent again",
		},
		{
			"read-only", refuse(http.MethodPost, uploads, 405, `{"errors":[{"code":"UNSUPPORTED","message":"The operation is unsupported."}]}`),
			"publish hello: push to HOST/team/hello: HOST answers 405 Method Not Allowed (The operation is unsupported.); HOST takes no images: it is read-only; use another registry",
		},
		{
			"full", refuse(http.MethodPut, uploads, 507, ""),
			"publish hello: push to HOST/team/hello: HOST answers 507 Insufficient Storage; HOST is full; free some space there, then run the same command again: what has arrived is not sent again",
		},
		{
			"broken", refuse(http.MethodPut, manifests, 500, `{"errors":[{"code":"UNKNOWN","message":"disk\non fire"}]}`),
			"publish hello: push to HOST/team/hello: HOST answers 500 Internal Server Error (disk on fire); run the same command again: what has arrived is not sent again",
		},
		{"a lost connection", cut, "publish hello: push to HOST/team/hello: the connection to HOST was lost; run the same command again: what has arrived is not sent again"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var works atomic.Bool
			host := server(t, func(w http.ResponseWriter, r *http.Request) bool { return !works.Load() && c.handle(w, r) })
			p, image := publisher(t, publish.Gzip), imageOf(t, host, "hello", "v1", layoutOf(t, "hello", base(t)))
			_, err := p.Publish(t.Context(), []publish.Image{image})
			if want := strings.ReplaceAll(c.want, "HOST", host.String()); err == nil || err.Error() != want {
				t.Errorf("got  %v\nwant %s", err, want)
			}
			if _, err := remote.Head(image.Tag); err == nil {
				t.Error("the tag is there")
			}
			works.Store(true)
			if _, err := p.Publish(t.Context(), []publish.Image{image}); err != nil {
				t.Errorf("the run after: %v", err)
			}
		})
	}
}

// TestNoRegistry is what a mistyped registry comes to.
func TestNoRegistry(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.NotFoundHandler())
	s.Close()
	host, err := name.NewRegistry(strings.TrimPrefix(s.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = publisher(t, publish.Gzip).Publish(t.Context(), []publish.Image{imageOf(t, host, "hello", "v1", layoutOf(t, "hello"))})
	if want := "nothing listens at " + host.String() + "; start the registry, or use another registry"; err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// TestInterrupted: a tag is not there, and the next run sends only the rest.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithCancel(t.Context())
	host := server(t, func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPut && strings.Contains(r.URL.Path, "/manifests/") {
			interrupt()
		}
		return false
	})
	p, image := publisher(t, publish.Gzip), imageOf(t, host, "hello", "v1", layoutOf(t, "hello", base(t)))
	if _, err := p.Publish(ctx, []publish.Image{image}); err == nil {
		t.Fatal("no error")
	}
	if _, err := remote.Head(image.Tag); err == nil {
		t.Error("the tag is there")
	}
	done, err := p.Publish(t.Context(), []publish.Image{image})
	if err != nil || done[0].Sent != 0 {
		t.Errorf("the run after sent %v, %v: all layers were there", done, err)
	}
}

// TestDamagedLayouts are not published.
func TestDamagedLayouts(t *testing.T) {
	t.Parallel()
	host := server(t, nil)
	damaged := layoutOf(t, "hello", base(t))
	blobs, err := filepath.Glob(filepath.Join(damaged, "blobs", "sha256", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range blobs {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.HasPrefix(content, []byte{0x1f, 0x8b}) { // gzip: a layer
			other := base(t)
			stream, err := other.Compressed()
			if err != nil {
				t.Fatal(err)
			}
			replaced, err := io.ReadAll(stream)
			if err != nil || os.WriteFile(file, replaced, 0o600) != nil {
				t.Fatal(err)
			}
		}
	}
	for _, c := range []struct{ name, dir, want string }{
		{"no layout", t.TempDir(), "read OCI layout"},
		{"other layers", damaged, "the layout is damaged; build the image again"},
	} {
		_, err := publisher(t, publish.Gzip).Publish(t.Context(), []publish.Image{imageOf(t, host, "hello", "v1", c.dir)})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}

func TestParseCompression(t *testing.T) {
	t.Parallel()
	if c, err := publish.ParseCompression(""); c != publish.Zstd || err != nil {
		t.Errorf("got %q, %v", c, err)
	}
	if _, err := publish.ParseCompression("xz"); err == nil || errors.Unwrap(err) != nil || !strings.Contains(err.Error(), "choose from zstd, gzip") {
		t.Errorf("got %v", err)
	}
}
