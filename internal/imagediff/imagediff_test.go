package imagediff_test

import (
	"archive/tar"
	"compress/gzip"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"example.com/stagecraft/internal/image"
	"example.com/stagecraft/internal/image/imagetest"
	"example.com/stagecraft/internal/imagediff"
)

var epoch = time.Unix(1767225600, 0)

// fake is an image to make.
type fake struct {
	layers   [][]imagetest.Entry
	config   v1.Config
	created  time.Time
	notes    map[string]string
	level    int    // of gzip
	trailing string // behind each tar stream
}

func reg(name, content string) imagetest.Entry { return imagetest.File(name, content).With(sometime) }

func dir(name string) imagetest.Entry { return imagetest.Dir(name).With(sometime) }

func sometime(h *tar.Header) { h.ModTime = epoch }

func (f fake) image(t *testing.T, arch string) v1.Image {
	t.Helper()
	var layers []v1.Layer
	for _, entries := range f.layers {
		stream := append(imagetest.Tar(t, entries...), f.trailing...)
		layers = append(layers, imagetest.LayerOf(t, stream, tarball.WithCompressionLevel(f.level)))
	}
	img, err := mutate.CreatedAt(imagetest.Image(t, arch, f.config, layers...), v1.Time{Time: f.created})
	if err != nil {
		t.Fatal(err)
	}
	if f.notes != nil {
		return mutate.Annotations(img, f.notes).(v1.Image)
	}
	return img
}

// open writes images, by architecture, as an OCI layout and opens it.
func open(t *testing.T, images map[string]fake) image.Index {
	t.Helper()
	var all []v1.Image
	for _, arch := range slices.Sorted(maps.Keys(images)) {
		all = append(all, images[arch].image(t, arch))
	}
	return imagetest.Open(t, all...)
}

func TestCompare(t *testing.T) {
	t.Parallel()
	one := func(headers ...imagetest.Entry) fake {
		return fake{layers: [][]imagetest.Entry{{reg("base", "b")}, headers}}
	}
	plain := one(dir("app"), reg("app/a", "1"), reg("app/b", "2"))
	for name, c := range map[string]struct {
		a, b fake
		want string // the beginning of the line; " ... " stands for anything
	}{
		"nothing": {plain, plain, ""},
		"bytes": {
			plain, one(dir("app"), reg("app/a", "1"), reg("app/b", "3")),
			"linux/amd64: layer 2 of 2: /app/b: its bytes differ: 1 bytes with SHA-256 d4735e3a265e… in one build, 1 bytes with SHA-256 4e07408562be… in the other; look for a time",
		},
		"bytes before times": {
			plain, one(dir("app").With(later), reg("app/a", "1"), reg("app/b", "3").With(later)),
			"linux/amd64: layer 2 of 2: /app/b: its bytes differ: ... in the other; so do 1 other entries of this layer; ",
		},
		"time": {
			plain, one(dir("app"), reg("app/a", "1").With(later), reg("app/b", "2")),
			"linux/amd64: layer 2 of 2: /app/a: its time differs: 2026-01-01T00:00:00Z in one build, 2026-01-01T00:00:07Z in the other; end that step with: find /rootfs -exec touch",
		},
		"mode": {
			plain, one(dir("app"), reg("app/a", "1").With(func(h *tar.Header) { h.Mode = 0o600 }), reg("app/b", "2")),
			"linux/amd64: layer 2 of 2: /app/a: its mode differs: -rw-r--r-- in one build, -rw------- in the other",
		},
		"owner": {
			plain, one(dir("app"), reg("app/a", "1").With(func(h *tar.Header) { h.Gid = 7 }), reg("app/b", "2")),
			"linux/amd64: layer 2 of 2: /app/a: its owner differs: 0:0 in one build, 0:7 in the other",
		},
		"attribute": {plain, one(dir("app"), reg("app/a", "1").With(func(h *tar.Header) {
			h.PAXRecords = map[string]string{"SCHILY.xattr.user.x": "y"}
		}), reg("app/b", "2")), `linux/amd64: layer 2 of 2: /app/a: its attribute differs: nothing in one build, user.x="y"`},
		"link": {
			one(imagetest.Symlink("l", "a")), one(imagetest.Symlink("l", "b")),
			"linux/amd64: layer 2 of 2: /l: its link differs: a in one build, b in the other",
		},
		"type": {
			plain, one(dir("app"), dir("app/a"), reg("app/b", "2")),
			"linux/amd64: layer 2 of 2: /app/a: its type differs: a file in one build, a folder in the other",
		},
		"missing": {
			plain, one(dir("app"), reg("app/a", "1")),
			"linux/amd64: layer 2 of 2: /app/b: this entry is there once only: a file in one build, nothing in the other",
		},
		"added": {
			plain, one(dir("app"), reg("app/a", "1"), reg("app/b", "2"), reg("app/c", "3")),
			"linux/amd64: layer 2 of 2: /app/c: this entry is there once only: nothing in one build, a file in the other",
		},
		"order": {
			plain, one(dir("app"), reg("app/b", "2"), reg("app/a", "1")),
			"linux/amd64: layer 2 of 2: the same entries are in another order: /app/a is entry 2 in one build, /app/b in the other",
		},
		"a name in the archive that no file system has": {
			plain, one(dir("app"), reg("app/a", "1").With(func(h *tar.Header) { h.Uname = "joe" }), reg("app/b", "2")),
			"linux/amd64: layer 2 of 2: all entries are the same, the archive around them differs: sha256:",
		},
		"behind the archive": {
			plain,
			fake{layers: plain.layers, trailing: strings.Repeat("\x00", 512)},
			"linux/amd64: layer 1 of 2: all entries are the same, the archive around them differs: sha256:",
		},
		"packing, and a field": {
			fake{layers: plain.layers, level: gzip.BestSpeed, config: v1.Config{User: "1"}},
			fake{layers: plain.layers, level: gzip.BestCompression, config: v1.Config{User: "2"}},
			"linux/amd64: config.config.User: the image's configuration differs: ",
		},
		"packing": {
			plain,
			fake{layers: plain.layers, level: gzip.BestCompression},
			"linux/amd64: layer 1 of 2: the same content is compressed differently: sha256:",
		},
		"number of layers": {
			plain,
			fake{layers: append(plain.layers[:2:2], []imagetest.Entry{reg("c", "3")})},
			"linux/amd64: the number of layers differs: 2 in one build, 3 in the other",
		},
		"variable": {
			plain,
			fake{layers: plain.layers, config: v1.Config{Env: []string{"BUILD=7"}}},
			`linux/amd64: config.config.Env[0]: the image's configuration differs: nothing in one build, "BUILD=7" in the other`,
		},
		"created": {
			plain,
			fake{layers: plain.layers, created: epoch},
			`linux/amd64: config.created: the image's configuration differs: "0001-01-01T00:00:00Z" in one build, "2026-01-01T00:00:00Z"`,
		},
		"annotation": {
			plain,
			fake{layers: plain.layers, notes: map[string]string{"org.example": "1"}},
			`linux/amd64: manifest.annotations.org.example: its manifest differs: nothing in one build, "1" in the other`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// arm64 is the same in both.
			found, err := imagediff.Compare(open(t, map[string]fake{"amd64": c.a, "arm64": plain}), open(t, map[string]fake{"amd64": c.b, "arm64": plain}))
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
	f := fake{layers: [][]imagetest.Entry{{reg("a", "1")}}}
	found, err := imagediff.Compare(open(t, map[string]fake{"amd64": f}), open(t, map[string]fake{"arm64": f}))
	if err != nil || len(found) != 2 || !strings.HasPrefix(found[0].String(), "linux/amd64: built once only: built in one build, nothing in the other") {
		t.Errorf("found %v, %v", found, err)
	}
}
