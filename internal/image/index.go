package image

import (
	"errors"
	"fmt"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// attestation marks a manifest that describes another one instead of being an image.
// Source: https://github.com/moby/buildkit/blob/master/docs/attestations/attestation-storage.md
const attestation = "vnd.docker.reference.type"

// linux is the only system whose images are read.
const linux = "linux"

// unknown is the system and the architecture of attestations.
const unknown = "unknown"

type index struct {
	digest      v1.Hash
	annotations map[string]string
	images      []*image
	leftOut     []string
}

func (x *index) Digest() v1.Hash                { return x.digest }
func (x *index) Annotations() map[string]string { return x.annotations }
func (x *index) LeftOut() []string              { return x.leftOut }

func (x *index) Images() []Image {
	all := make([]Image, len(x.images))
	for n, i := range x.images {
		all[n] = i
	}
	return all
}

func (x *index) Close() error {
	var errs []error
	for _, i := range x.images {
		errs = append(errs, i.Close())
	}
	return errors.Join(errs...)
}

func fromIndex(root v1.ImageIndex, digest v1.Hash, has func(v1.Hash) bool) (Index, error) {
	manifest, err := indexManifest(root, digest)
	if err != nil {
		return nil, err
	}
	idx := &index{digest: digest, annotations: manifest.Annotations}
	r := indexReader{index: idx, has: has, seen: map[v1.Hash]bool{}}
	if err := r.read(root, digest, manifest); err != nil {
		return nil, err
	}
	if len(idx.images) == 0 {
		return nil, fmt.Errorf("index %s has no image for Linux", digest)
	}
	return idx, nil
}

// indexManifest is the manifest of the index that was asked for by that digest.
func indexManifest(root v1.ImageIndex, digest v1.Hash) (*v1.IndexManifest, error) {
	raw, err := root.RawManifest()
	if err != nil {
		return nil, fmt.Errorf("manifest of index %s: %w", digest, err)
	}
	if err := checkDigest("index", digest, raw); err != nil {
		return nil, err
	}
	manifest, err := root.IndexManifest()
	if err != nil {
		return nil, fmt.Errorf("manifest of index %s: %w", digest, err)
	}
	return manifest, nil
}

// indexReader collects the images of an index and of those inside it, as a layout of several tags has them.
type indexReader struct {
	*index
	has  func(v1.Hash) bool
	seen map[v1.Hash]bool
}

func (r indexReader) read(from v1.ImageIndex, digest v1.Hash, manifest *v1.IndexManifest) error {
	empty := true
	for _, desc := range manifest.Manifests {
		if isAttestation(desc) {
			continue
		}
		empty = false
		if r.seen[desc.Digest] || !r.has(desc.Digest) {
			continue
		}
		r.seen[desc.Digest] = true
		var err error
		switch {
		case desc.MediaType.IsIndex():
			err = r.nested(from, desc.Digest)
		case desc.MediaType.IsImage():
			err = r.image(from, desc)
		}
		if err != nil {
			return err
		}
	}
	if empty {
		return fmt.Errorf("index %s has no image; build the image again", digest)
	}
	return nil
}

// isAttestation reports whether a manifest describes an image instead of being one. Where annotations were lost, its
// platform still says so.
func isAttestation(desc v1.Descriptor) bool {
	return desc.Annotations[attestation] != "" || desc.Platform != nil && desc.Platform.OS == unknown && desc.Platform.Architecture == unknown
}

func (r indexReader) nested(from v1.ImageIndex, digest v1.Hash) error {
	child, err := from.ImageIndex(digest)
	if err != nil {
		return fmt.Errorf("index %s: %w", digest, err)
	}
	manifest, err := indexManifest(child, digest)
	if err != nil {
		return err
	}
	return r.read(child, digest, manifest)
}

// image adds an image. What the descriptor says of another system is enough: nothing of such an image is downloaded.
func (r indexReader) image(from v1.ImageIndex, desc v1.Descriptor) error {
	if p := desc.Platform; p != nil && p.OS != "" && p.OS != linux {
		r.leftOut = append(r.leftOut, p.String())
		return nil
	}
	child, err := from.Image(desc.Digest)
	if err != nil {
		return fmt.Errorf("image %s: %w", desc.Digest, err)
	}
	img, err := fromImage(child, desc.Digest)
	if err != nil {
		return err
	}
	switch {
	case img.forLinux():
		r.images = append(r.images, img)
	case img.config.OS != unknown: // else an attestation without any sign of it in the index
		r.leftOut = append(r.leftOut, img.Platform())
	}
	return nil
}
