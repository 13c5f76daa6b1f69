package audit

import (
	"archive/tar"
	"cmp"
	"maps"
	"slices"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/image"
	"example.com/stagecraft/internal/image/imagetest"
	"example.com/stagecraft/internal/owners"
)

// file is a file of a fake image. Root owns it unless told otherwise.
type file struct {
	content  string
	mode     int64 // 0644 when 0
	uid      int
	gid      int // the uid when 0
	link     string
	dir      bool
	caps     bool
	hardLink string
	device   bool
}

// exe is an executable file.
func exe(content []byte) file { return file{content: string(content), mode: 0o755} }

// fakeImage is an image to make: layers of files by path, and a configuration.
type fakeImage struct {
	arch    string // amd64 when ""
	layers  []map[string]file
	config  v1.Config
	history []v1.History
}

// fakeService is what the rules that need a service.yaml know in tests.
func fakeService() *catalog.Service {
	return &catalog.Service{
		Name: "demo", Dir: "services/demo", Port: 8080,
		Size: map[catalog.Platform]catalog.Ceiling{"linux/amd64": {Unpacked: 100_000, Pull: 100_000}},
	}
}

// goodConfig is a configuration that no rule objects to.
func goodConfig() v1.Config {
	return v1.Config{
		User: "65532:65532", Entrypoint: []string{"/demo"}, Healthcheck: &v1.HealthConfig{Test: []string{"CMD", "/demo", "--probe"}},
		ExposedPorts: map[string]struct{}{"8080/tcp": {}}, Env: []string{"PORT=8080"},
		Labels: map[string]string{
			labelPrefix + "title": "demo", labelPrefix + "description": "Shows", labelPrefix + "licenses": "Apache-2.0",
			labelPrefix + "source": "https://example.com/demo",
		},
	}
}

// open writes the image as an OCI layout and opens it.
func (f fakeImage) open(t *testing.T) image.Index {
	t.Helper()
	return imagetest.Open(t, f.image(t))
}

// layout is the image as an index of one platform.
func (f fakeImage) layout(t *testing.T) v1.ImageIndex {
	t.Helper()
	return mutate.AppendManifests(mutate.IndexMediaType(empty.Index, types.OCIImageIndex), mutate.IndexAddendum{Add: f.image(t)})
}

func (f fakeImage) image(t *testing.T) v1.Image {
	t.Helper()
	var layers []v1.Layer
	for _, files := range f.layers {
		layers = append(layers, makeLayer(t, files))
	}
	img := imagetest.Image(t, cmp.Or(f.arch, "amd64"), f.config, layers...)
	if len(f.history) > 0 {
		cf, err := img.ConfigFile()
		if err != nil {
			t.Fatal(err)
		}
		cf = cf.DeepCopy()
		cf.History = append(cf.History, f.history...)
		if img, err = mutate.ConfigFile(img, cf); err != nil {
			t.Fatal(err)
		}
	}
	return img
}

func makeLayer(t *testing.T, files map[string]file) v1.Layer {
	t.Helper()
	var entries []imagetest.Entry
	for _, name := range slices.Sorted(maps.Keys(files)) {
		f := files[name]
		e := imagetest.File(strings.TrimPrefix(name, "/"), f.content)
		switch {
		case f.dir:
			e.Typeflag = tar.TypeDir
		case f.link != "":
			e.Typeflag, e.Linkname = tar.TypeSymlink, f.link
		case f.device:
			e.Typeflag, e.Devmajor, e.Devminor = tar.TypeChar, 1, 3
		case f.hardLink != "":
			e.Typeflag, e.Linkname = tar.TypeLink, strings.TrimPrefix(f.hardLink, "/")
		}
		e.Mode, e.Uid, e.Gid = cmp.Or(f.mode, e.Mode), f.uid, cmp.Or(f.gid, f.uid)
		if f.caps {
			e.PAXRecords = map[string]string{"SCHILY.xattr.security.capability": "\x01\x00\x00\x02"}
		}
		entries = append(entries, e)
	}
	return imagetest.Layer(t, entries...)
}

// auditFake checks the image against one rule and returns its findings in short: PATH: WHAT.
func auditFake(t *testing.T, f fakeImage, r *rule, s *catalog.Service, before []owners.Contributor) []string {
	t.Helper()
	img := f.open(t).Images()[0]
	i, err := read(img, "demo", s)
	if err != nil {
		t.Fatal(err)
	}
	i.Before = before
	report := audit(i, []*rule{r})
	report.Finish()
	var all []string
	for _, f := range report.Findings {
		if f.Fix == "" || f.Rule != r.Key {
			t.Errorf("finding without a way to fix it, or of another rule: %+v", f)
		}
		all = append(all, strings.Join(append([]string{f.Path + ": " + f.Message}, f.Details...), " | "))
	}
	return all
}
