package verify_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"example.com/stagecraft/internal/image"
	"example.com/stagecraft/internal/verify"
)

var epoch = time.Unix(1767225600, 0)

// fake is an image to make.
type fake struct {
	layers   [][]tar.Header // a regular file's content is its Linkname
	config   v1.Config
	created  time.Time
	notes    map[string]string
	level    int    // of gzip
	trailing string // behind each tar stream
}

func reg(name, content string) tar.Header {
	return tar.Header{Typeflag: tar.TypeReg, Name: name, Linkname: content, Mode: 0o644, ModTime: epoch}
}

func dir(name string) tar.Header {
	return tar.Header{Typeflag: tar.TypeDir, Name: name, Mode: 0o755, ModTime: epoch}
}

// with is a header with a change.
func with(h tar.Header, change func(*tar.Header)) tar.Header {
	change(&h)
	return h
}

func (f fake) image(t *testing.T, arch string) v1.Image {
	t.Helper()
	img := mutate.MediaType(empty.Image, types.OCIManifestSchema1)
	img, err := mutate.ConfigFile(img, &v1.ConfigFile{
		OS: "linux", Architecture: arch, Config: f.config, Created: v1.Time{Time: f.created}, RootFS: v1.RootFS{Type: "layers"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, headers := range f.layers {
		var stream bytes.Buffer
		w := tar.NewWriter(&stream)
		for _, h := range headers {
			content := ""
			if h.Typeflag == tar.TypeReg {
				content, h.Linkname = h.Linkname, ""
				h.Size = int64(len(content))
			}
			if err := w.WriteHeader(&h); err != nil {
				t.Fatal(err)
			}
			_, _ = io.WriteString(w, content)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		stream.WriteString(f.trailing)
		layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) {
			return io.NopCloser(bytes.NewReader(stream.Bytes())), nil
		}, tarball.WithMediaType(types.OCILayer), tarball.WithCompressionLevel(f.level))
		if err != nil {
			t.Fatal(err)
		}
		if img, err = mutate.AppendLayers(img, layer); err != nil {
			t.Fatal(err)
		}
	}
	if f.notes != nil {
		return mutate.Annotations(img, f.notes).(v1.Image)
	}
	return img
}

// open writes images, by architecture, as an OCI layout and opens it.
func open(t *testing.T, images map[string]fake) image.Index {
	t.Helper()
	idx := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, arch := range []string{"amd64", "arm64"} {
		if f, ok := images[arch]; ok {
			idx = mutate.AppendManifests(idx, mutate.IndexAddendum{Add: f.image(t, arch)})
		}
	}
	folder := t.TempDir()
	if _, err := layout.Write(folder, idx); err != nil {
		t.Fatal(err)
	}
	opened, err := image.Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = opened.Close() })
	return opened
}

func TestCompare(t *testing.T) {
	t.Parallel()
	one := func(headers ...tar.Header) fake { return fake{layers: [][]tar.Header{{reg("base", "b")}, headers}} }
	plain := one(dir("app"), reg("app/a", "1"), reg("app/b", "2"))
	for name, c := range map[string]struct {
		a, b fake
		want string // the beginning of the line; " ... " stands for anything
	}{
		"nothing": {plain, plain, ""},
		"bytes": {plain, one(dir("app"), reg("app/a", "1"), reg("app/b", "3")),
			"linux/amd64: layer 2 of 2: /app/b: its bytes differ: 1 bytes with SHA-256 d4735e3a265e… in one build, 1 bytes with SHA-256 4e07408562be… in the other; look for a time"},
		"bytes before times": {plain, one(with(dir("app"), later), reg("app/a", "1"), with(reg("app/b", "3"), later)),
			"linux/amd64: layer 2 of 2: /app/b: its bytes differ: ... in the other; so do 1 other entries of this layer; "},
		"time": {plain, one(dir("app"), with(reg("app/a", "1"), later), reg("app/b", "2")),
			"linux/amd64: layer 2 of 2: /app/a: its time differs: 2026-01-01T00:00:00Z in one build, 2026-01-01T00:00:07Z in the other; end that step with: find /rootfs -exec touch"},
		"mode": {plain, one(dir("app"), with(reg("app/a", "1"), func(h *tar.Header) { h.Mode = 0o600 }), reg("app/b", "2")),
			"linux/amd64: layer 2 of 2: /app/a: its mode differs: -rw-r--r-- in one build, -rw------- in the other"},
		"owner": {plain, one(dir("app"), with(reg("app/a", "1"), func(h *tar.Header) { h.Gid = 7 }), reg("app/b", "2")),
			"linux/amd64: layer 2 of 2: /app/a: its owner differs: 0:0 in one build, 0:7 in the other"},
		"attribute": {plain, one(dir("app"), with(reg("app/a", "1"), func(h *tar.Header) {
			h.PAXRecords = map[string]string{"SCHILY.xattr.user.x": "y"}
		}), reg("app/b", "2")), `linux/amd64: layer 2 of 2: /app/a: its attribute differs: nothing in one build, user.x="y"`},
		"link": {one(tar.Header{Typeflag: tar.TypeSymlink, Name: "l", Linkname: "a"}), one(tar.Header{Typeflag: tar.TypeSymlink, Name: "l", Linkname: "b"}),
			"linux/amd64: layer 2 of 2: /l: its link differs: a in one build, b in the other"},
		"type": {plain, one(dir("app"), dir("app/a"), reg("app/b", "2")),
			"linux/amd64: layer 2 of 2: /app/a: its type differs: a file in one build, a folder in the other"},
		"missing": {plain, one(dir("app"), reg("app/a", "1")),
			"linux/amd64: layer 2 of 2: /app/b: this entry is there once only: a file in one build, nothing in the other"},
		"added": {plain, one(dir("app"), reg("app/a", "1"), reg("app/b", "2"), reg("app/c", "3")),
			"linux/amd64: layer 2 of 2: /app/c: this entry is there once only: nothing in one build, a file in the other"},
		"order": {plain, one(dir("app"), reg("app/b", "2"), reg("app/a", "1")),
			"linux/amd64: layer 2 of 2: the same entries are in another order: /app/a is entry 2 in one build, /app/b in the other"},
		"a name in the archive that no file system has": {plain, one(dir("app"), with(reg("app/a", "1"), func(h *tar.Header) { h.Uname = "joe" }), reg("app/b", "2")),
			"linux/amd64: layer 2 of 2: all entries are the same, the archive around them differs: sha256:"},
		"behind the archive": {plain, fake{layers: plain.layers, trailing: strings.Repeat("\x00", 512)},
			"linux/amd64: layer 1 of 2: all entries are the same, the archive around them differs: sha256:"},
		"packing": {plain, fake{layers: plain.layers, level: gzip.BestCompression},
			"linux/amd64: layer 1 of 2: the same content is compressed differently: sha256:"},
		"number of layers": {plain, fake{layers: append(plain.layers[:2:2], []tar.Header{reg("c", "3")})},
			"linux/amd64: the number of layers differs: 2 in one build, 3 in the other"},
		"variable": {plain, fake{layers: plain.layers, config: v1.Config{Env: []string{"BUILD=7"}}},
			`linux/amd64: config.config.Env[0]: the image's configuration differs: nothing in one build, "BUILD=7" in the other`},
		"created": {plain, fake{layers: plain.layers, created: epoch},
			`linux/amd64: config.created: the image's configuration differs: "0001-01-01T00:00:00Z" in one build, "2026-01-01T00:00:00Z"`},
		"annotation": {plain, fake{layers: plain.layers, notes: map[string]string{"org.example": "1"}},
			`linux/amd64: manifest.annotations.org.example: its manifest differs: nothing in one build, "1" in the other`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// arm64 is the same in both.
			found, err := verify.Compare(open(t, map[string]fake{"amd64": c.a, "arm64": plain}), open(t, map[string]fake{"amd64": c.b, "arm64": plain}))
			if err != nil {
				t.Fatal(err)
			}
			if c.want == "" {
				if len(found) > 0 {
					t.Errorf("found %v in images that are the same", found)
				}
				return
			}
			if len(found) != 1 {
				t.Fatalf("found %v, want one difference", found)
			}
			begin, more, _ := strings.Cut(c.want, " ... ")
			if got := found[0].String(); !strings.HasPrefix(got, begin) || !strings.Contains(got, more) {
				t.Errorf("got:\n%s\nwant:\n%s", got, c.want)
			}
		})
	}
}

func later(h *tar.Header) { h.ModTime = epoch.Add(7 * time.Second) }

func TestComparePlatforms(t *testing.T) {
	t.Parallel()
	f := fake{layers: [][]tar.Header{{reg("a", "1")}}}
	found, err := verify.Compare(open(t, map[string]fake{"amd64": f}), open(t, map[string]fake{"arm64": f}))
	if err != nil || len(found) != 2 || !strings.HasPrefix(found[0].String(), "linux/amd64: built once only: built in one build, nothing in the other") {
		t.Errorf("found %v, %v", found, err)
	}
}
