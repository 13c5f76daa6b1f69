package image

import (
	"fmt"
	"hash"
	"io"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/partial"
)

// What is read is compared with its digest: a registry's client does so by itself, a layout on a disk does not.

// checkDigest is an error unless content has the digest by which it was asked for.
func checkDigest(what string, want v1.Hash, content []byte) error {
	sum, err := v1.Hasher(want.Algorithm)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	sum.Write(content)
	return compareDigest(what, want, sum)
}

func compareDigest(what string, want v1.Hash, sum hash.Hash) error {
	if got := fmt.Sprintf("%x", sum.Sum(nil)); got != want.Hex {
		return fmt.Errorf("%s is damaged or was replaced: its digest is %s:%s, not %s; build or download the image again",
			what, want.Algorithm, got, want)
	}
	return nil
}

// verifiedStream is the tar stream of a layer, which hashes what it reads, compressed and uncompressed.
type verifiedStream struct {
	io.ReadCloser

	layer      *layer
	compressed hash.Hash
	diffID     hash.Hash
}

func (l *layer) verifiedStream() (*verifiedStream, error) {
	s := &verifiedStream{layer: l}
	var err error
	if s.compressed, err = v1.Hasher(l.digest.Algorithm); err != nil {
		return nil, err
	}
	if s.diffID, err = v1.Hasher(l.diffID.Algorithm); err != nil {
		return nil, err
	}
	hashed, err := partial.CompressedToLayer(hashedLayer{l.Layer, s.compressed})
	if err != nil {
		return nil, err
	}
	if s.ReadCloser, err = hashed.Uncompressed(); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *verifiedStream) Read(p []byte) (int, error) {
	n, err := s.ReadCloser.Read(p)
	s.diffID.Write(p[:n])
	return n, err
}

// verify reads to the end and compares both digests.
func (s *verifiedStream) verify() error {
	if _, err := io.Copy(io.Discard, s); err != nil {
		return fmt.Errorf("read layer %s: %w", s.layer.digest, err)
	}
	what := "layer " + s.layer.digest.String()
	if err := compareDigest(what, s.layer.digest, s.compressed); err != nil {
		return err
	}
	return compareDigest(what+" uncompressed", s.layer.diffID, s.diffID)
}

// hashedLayer is a layer whose compressed bytes are hashed as they are read.
type hashedLayer struct {
	v1.Layer

	sum hash.Hash
}

func (h hashedLayer) Compressed() (io.ReadCloser, error) {
	stream, err := h.Layer.Compressed()
	if err != nil {
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{io.TeeReader(stream, h.sum), stream}, nil
}
