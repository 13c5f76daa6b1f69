// Package imagetest makes images for tests: tar streams, layers, images and OCI layouts of a few entries.
package imagetest

import (
	"archive/tar"
	"bytes"
	"io"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"example.com/stagecraft/internal/image"
)

// Entry is an entry of a layer. Mode is 0644 when it is 0; a regular file's size is that of Content.
type Entry struct {
	tar.Header
	Content string
}

// File is a regular file.
func File(name, content string) Entry {
	return Entry{tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o644}, content}
}

// Dir is a folder.
func Dir(name string) Entry {
	return Entry{Header: tar.Header{Typeflag: tar.TypeDir, Name: name, Mode: 0o755}}
}

// Symlink is a symbolic link.
func Symlink(name, to string) Entry {
	return Entry{Header: tar.Header{Typeflag: tar.TypeSymlink, Name: name, Linkname: to, Mode: 0o777}}
}

// Hardlink is a hard link.
func Hardlink(name, to string) Entry {
	return Entry{Header: tar.Header{Typeflag: tar.TypeLink, Name: name, Linkname: to, Mode: 0o644}}
}

// With is the entry with a change.
func (e Entry) With(change func(h *tar.Header)) Entry {
	change(&e.Header)
	return e
}

// Tar is the tar stream of entries.
func Tar(t testing.TB, entries ...Entry) []byte {
	t.Helper()
	var stream bytes.Buffer
	w := tar.NewWriter(&stream)
	for _, e := range entries {
		if e.Size = 0; e.Typeflag == tar.TypeReg {
			e.Size = int64(len(e.Content))
		}
		if err := w.WriteHeader(&e.Header); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, e.Content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return stream.Bytes()
}

// Layer is a layer of entries, compressed by gzip.
func Layer(t testing.TB, entries ...Entry) v1.Layer {
	t.Helper()
	return LayerOf(t, Tar(t, entries...))
}

// LayerOf is a layer of a tar stream.
func LayerOf(t testing.TB, stream []byte, options ...tarball.LayerOption) v1.Layer {
	t.Helper()
	options = append(options, tarball.WithMediaType(types.OCILayer))
	l, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(stream)), nil }, options...)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// Image is an image for Linux.
func Image(t testing.TB, arch string, config v1.Config, layers ...v1.Layer) v1.Image {
	t.Helper()
	img := mutate.MediaType(empty.Image, types.OCIManifestSchema1)
	img, err := mutate.ConfigFile(img, &v1.ConfigFile{OS: "linux", Architecture: arch, Config: config, RootFS: v1.RootFS{Type: "layers"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range layers {
		if img, err = mutate.Append(img, mutate.Addendum{Layer: l, History: v1.History{CreatedBy: "COPY"}}); err != nil {
			t.Fatal(err)
		}
	}
	return img
}

// Open writes images as one OCI layout, opens it, and closes it when the test ends.
func Open(t testing.TB, images ...v1.Image) image.Index {
	t.Helper()
	idx := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, img := range images {
		idx = mutate.AppendManifests(idx, mutate.IndexAddendum{Add: img})
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
