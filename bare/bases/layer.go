package bases

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// epoch is the time of every file that we make ourselves: 2026-01-01.
var epoch = time.Unix(1767225600, 0)

// layer is a layer on disk: what the manifest says of it, and its digest unpacked.
type layer struct {
	ocispec.Descriptor
	diffID digest.Digest
}

// writeLayer compresses a tar stream into the layout's blobs, in one pass. The
// fastest zstd: layers of builders are read back once and never published.
func writeLayer(blobs string, write func(io.Writer) error) (layer, error) {
	temp, err := os.CreateTemp(blobs, "layer-")
	if err != nil {
		return layer{}, err
	}
	defer os.Remove(temp.Name())
	defer temp.Close()

	packed, unpacked := sha256.New(), sha256.New()
	count := &counter{w: io.MultiWriter(temp, packed)}
	z, err := zstd.NewWriter(count, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return layer{}, err
	}
	if err := write(io.MultiWriter(z, unpacked)); err != nil {
		return layer{}, err
	}
	if err := z.Close(); err != nil {
		return layer{}, err
	}
	if err := temp.Close(); err != nil {
		return layer{}, err
	}
	sum := digest.NewDigest(digest.SHA256, packed)
	if err := os.Chmod(temp.Name(), 0o644); err != nil {
		return layer{}, err
	}
	if err := os.Rename(temp.Name(), filepath.Join(blobs, sum.Encoded())); err != nil {
		return layer{}, err
	}
	return layer{
		Descriptor: ocispec.Descriptor{MediaType: ocispec.MediaTypeImageLayerZstd, Digest: sum, Size: count.n},
		diffID:     digest.NewDigest(digest.SHA256, unpacked),
	}, nil
}

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// tarball writes the entries of a layer that we make ourselves: root's, with
// the one time.
type tarball struct {
	*tar.Writer
	made map[string]bool // folders so far
}

func newTarball(w io.Writer) tarball { return tarball{tar.NewWriter(w), map[string]bool{}} }

func (t tarball) header(h *tar.Header) error {
	h.ModTime, h.Format = epoch, tar.FormatPAX
	if err := t.WriteHeader(h); err != nil {
		return fmt.Errorf("writing %s: %w", h.Name, err)
	}
	return nil
}

// folder writes a folder and those above it, once.
func (t tarball) folder(name string, mode int64) error {
	if name == "." || t.made[name] {
		return nil
	}
	if err := t.folder(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	t.made[name] = true
	return t.header(&tar.Header{Typeflag: tar.TypeDir, Name: name + "/", Mode: mode})
}

func (t tarball) file(name string, mode, size int64, r io.Reader) error {
	if err := t.folder(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	if err := t.header(&tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: mode, Size: size}); err != nil {
		return err
	}
	_, err := io.Copy(t, r)
	return err
}

func (t tarball) bytes(name string, mode int64, data []byte) error {
	return t.file(name, mode, int64(len(data)), bytes.NewReader(data))
}

func (t tarball) link(name, target string) error {
	if err := t.folder(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return t.header(&tar.Header{Typeflag: tar.TypeSymlink, Name: name, Linkname: target, Mode: 0o777})
}
