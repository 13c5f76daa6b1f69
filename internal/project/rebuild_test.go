package project

import (
	"archive/tar"
	"compress/gzip"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"example.com/stagecraft/internal/image"
	"example.com/stagecraft/internal/image/imagetest"
)

// TestRebuilt compares images that were compressed in two ways, of which one may have other content.
func TestRebuilt(t *testing.T) {
	t.Parallel()
	status := func(version string) imagetest.Entry {
		return imagetest.File("var/lib/dpkg/status.d/libc6", "Package: libc6\nVersion: "+version+"\n")
	}
	build := func(level int, config v1.Config, entries ...imagetest.Entry) image.Index {
		layer := imagetest.LayerOf(t, imagetest.Tar(t, entries...), tarball.WithCompressionLevel(level))
		return imagetest.Open(t, imagetest.Image(t, "amd64", config, layer))
	}
	app := imagetest.File("app/hello", "hello")
	published := build(gzip.BestCompression, v1.Config{}, status("2.41-1"), app)
	for _, tt := range []struct {
		name, problem, note string
		built               image.Index
	}{
		{"other compression", "", "the same files and configuration", build(gzip.BestSpeed, v1.Config{}, status("2.41-1"), app)},
		{"another file", "/app/hello: its bytes differ", "", build(gzip.BestSpeed, v1.Config{}, status("2.41-1"), imagetest.File("app/hello", "hallo"))},
		{"another mode", "/app/hello: its mode differs", "", build(gzip.BestSpeed, v1.Config{}, status("2.41-1"), app.With(func(h *tar.Header) { h.Mode = 0o755 }))},
		{"another user", "config.User", "", build(gzip.BestSpeed, v1.Config{User: "0"}, status("2.41-1"), app)},
		{"newer packages", "", "not comparable: Debian published other packages since: libc6 2.41-1 → 2.41-2", build(gzip.BestSpeed, v1.Config{}, status("2.41-2"), app)},
	} {
		checks, err := rebuilt("hello", published, tt.built)
		if err != nil || len(checks) != 1 {
			t.Fatalf("%s: %v, %v", tt.name, checks, err)
		}
		c := checks[0]
		if failed(c) != (tt.problem != "") || failed(c) && !strings.Contains(c.Problem.Error(), tt.problem) {
			t.Errorf("%s: got %v, want %q", tt.name, c.Problem, tt.problem)
		}
		if !failed(c) && c.Note != tt.note {
			t.Errorf("%s: got %q, want %q", tt.name, c.Note, tt.note)
		}
	}
}
