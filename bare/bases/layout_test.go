package bases

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

func quiet(string, ...any) {}

// tiny is a recipe that needs nothing from outside.
func tiny(content string) recipe {
	return recipe{
		title: "tiny",
		env:   []string{"A=b"},
		cmd:   []string{"sh"},
		layers: func(b *builder, _ string) error {
			return b.add(func(w io.Writer) error {
				t := newTarball(w)
				if err := t.bytes("etc/x/file", 0o644, []byte(content)); err != nil {
					return err
				}
				return t.Close()
			})
		},
		foreign: true,
	}
}

// entries reads the entries of a layer.
func entries(t *testing.T, blobs string, d digest.Digest) map[string]*tar.Header {
	t.Helper()
	f, err := os.Open(filepath.Join(blobs, d.Encoded()))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := zstd.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	return headers(t, z)
}

func headers(t *testing.T, r io.Reader) map[string]*tar.Header {
	t.Helper()
	all := map[string]*tar.Header{}
	for stream := tar.NewReader(r); ; {
		h, err := stream.Next()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		if all[h.Name] != nil {
			t.Errorf("%s is there twice", h.Name)
		}
		all[h.Name] = h
	}
}

func TestBuild(t *testing.T) {
	s := Store(t.TempDir())
	dir := filepath.Join(string(s), "tiny")
	if err := s.build(context.Background(), "tiny:1", tiny("x"), Want{}, dir, quiet); err != nil {
		t.Fatal(err)
	}
	root, err := readDigest(dir)
	if err != nil {
		t.Fatal(err)
	}
	l := layout{dir}
	var index ocispec.Index
	if err := l.read(root, &index); err != nil || len(index.Manifests) != 2 {
		t.Fatalf("index %+v, %v, want two platforms", index, err)
	}
	var manifest ocispec.Manifest
	if err := l.read(index.Manifests[0].Digest, &manifest); err != nil {
		t.Fatal(err)
	}
	var config ocispec.Image
	if err := l.read(manifest.Config.Digest, &config); err != nil {
		t.Fatal(err)
	}
	if config.Config.Labels[standInLabel] != "stand-in" || !strings.Contains(config.Config.Labels[ocispec.AnnotationDescription], "not the official image") || manifest.Annotations[standInLabel] != "stand-in" {
		t.Errorf("the image does not say that it is a stand-in: %v, %v", config.Config.Labels, manifest.Annotations)
	}
	layers, err := readLayers(dir, "arm64")
	if err != nil || len(layers) != 1 {
		t.Fatalf("layers %v, %v", layers, err)
	}
	files := entries(t, l.blobs(), layers[0].Digest)
	if h := files["etc/x/file"]; h == nil || h.Uid != 0 || !h.ModTime.Equal(epoch) || files["etc/"] == nil || files["etc/x/"] == nil {
		t.Errorf("files %v", files)
	}
	if _, err := readLayers(dir, "s390x"); err == nil {
		t.Error("found layers for a platform that is not there")
	}
	// Every blob is what its name says.
	blobs, _ := filepath.Glob(filepath.Join(l.blobs(), "*"))
	for _, path := range blobs {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if digest.FromBytes(data).Encoded() != filepath.Base(path) {
			t.Errorf("%s holds something else", path)
		}
	}
}

func TestBuildIsReproducible(t *testing.T) {
	s := Store(t.TempDir())
	build := func(dir, content string) digest.Digest {
		dir = filepath.Join(string(s), dir)
		if err := s.build(context.Background(), "tiny:1", tiny(content), Want{}, dir, quiet); err != nil {
			t.Fatal(err)
		}
		d, err := readDigest(dir)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	if build("a", "x") != build("b", "x") {
		t.Error("the same contents, another digest")
	}
	if build("c", "x") == build("d", "y") {
		t.Error("other contents, the same digest")
	}
}

// What fails, or was killed before, leaves nothing under the final name, and
// the next run is not disturbed by what is left.
func TestBuildThatFailsLeavesNothing(t *testing.T) {
	s := Store(t.TempDir())
	dir := filepath.Join(string(s), "tiny")
	broken := tiny("x")
	broken.layers = func(b *builder, arch string) error {
		if err := tiny("x").layers(b, arch); err != nil {
			return err
		}
		return errors.New("no network")
	}
	if err := s.build(context.Background(), "tiny:1", broken, Want{}, dir, quiet); err == nil {
		t.Fatal("no error")
	}
	if left, _ := os.ReadDir(string(s)); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
	if err := os.MkdirAll(filepath.Join(dir+".new", "blobs", "sha256"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir+".new", "blobs", "sha256", "layer-killed"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := s.build(context.Background(), "tiny:1", tiny("x"), Want{}, dir, quiet); err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "blobs", "sha256", "layer-*")); len(left) != 0 {
		t.Errorf("left of the killed run: %v", left)
	}
}

func TestReadDigestOfBrokenLayouts(t *testing.T) {
	for name, index := range map[string]string{"empty": ``, "no entry": `{"manifests":[]}`, "no digest": `{"manifests":[{}]}`} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "index.json"), []byte(index), 0o644); err != nil {
			t.Fatal(err)
		}
		if d, err := readDigest(dir); err == nil {
			t.Errorf("%s: digest %q", name, d)
		}
	}
}

func TestAssembleFindsWhatIsThere(t *testing.T) {
	s := Store(t.TempDir())
	const name = "debian:trixie-slim"
	dir := s.dir(name, recipes[name], false)
	if err := s.build(context.Background(), name, tiny("x"), Want{}, dir, quiet); err != nil {
		t.Fatal(err)
	}
	ref := name + "@" + recipes[name].digest
	got, err := s.Assemble(context.Background(), []string{ref}, Want{}, func(f string, a ...any) { t.Errorf("said "+f, a...) })
	if err != nil {
		t.Fatal(err)
	}
	d, _ := readDigest(dir)
	if want := "oci-layout://" + dir + "@" + d.String(); got[ref] != want {
		t.Errorf("context %q, want %q", got[ref], want)
	}
	said := ""
	other := name + "@sha256:" + strings.Repeat("0", 64)
	if _, err := s.Assemble(context.Background(), []string{other}, Want{}, func(f string, _ ...any) { said += f }); err != nil || !strings.Contains(said, "earlier image") {
		t.Errorf("another digest of the same name: said %q, %v", said, err)
	}
	if _, err := s.Assemble(context.Background(), []string{ref, "alpine:3"}, Want{}, quiet); err == nil {
		t.Error("a reference without a recipe: no error")
	}
}

func TestReuseSharesLayers(t *testing.T) {
	s := Store(t.TempDir())
	const base = "debian:trixie-slim"
	if err := s.build(context.Background(), base, tiny("x"), Want{}, s.dir(base, recipes[base], false), quiet); err != nil {
		t.Fatal(err)
	}
	r := tiny("y")
	r.on = base
	dir := filepath.Join(string(s), "upper")
	if err := s.build(context.Background(), "upper:1", r, Want{}, dir, quiet); err != nil {
		t.Fatal(err)
	}
	for _, arch := range r.arches(false) {
		want := 1
		if arch == runtime.GOARCH {
			want = 2 // only this machine's platform can run what lies below
		}
		if layers, err := readLayers(dir, arch); err != nil || len(layers) != want {
			t.Errorf("%s: %d layers (%v), want %d", arch, len(layers), err, want)
		}
	}
}

func TestSettingsHoldNothingOfTheMachine(t *testing.T) {
	var b bytes.Buffer
	if err := writeSettings(&b); err != nil {
		t.Fatal(err)
	}
	files := headers(t, bytes.NewReader(b.Bytes()))
	for _, want := range []string{"etc/apt/apt.conf.d/docker-clean", "etc/dpkg/dpkg.cfg.d/docker-apt-speedup", "usr/sbin/policy-rc.d"} {
		if files[want] == nil {
			t.Errorf("%s is missing", want)
		}
	}
	if !bytes.Contains(b.Bytes(), []byte("\nforce-unsafe-io\n")) {
		t.Error("no force-unsafe-io: every package installation waits for the disk")
	}
}
