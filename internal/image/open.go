package image

import (
	"errors"
	"fmt"
	"sync"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
)

// attestation marks a manifest that describes another one instead of being an image.
// Source: https://github.com/moby/buildkit/blob/master/docs/attestations/attestation-storage.md
const attestation = "vnd.docker.reference.type"

// Open reads the OCI layout in dir. A layout whose index.json names one index is that index, as BuildKit writes it.
func Open(dir string) (Index, error) {
	root, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		return nil, fmt.Errorf("read OCI layout %s: %w", dir, err)
	}
	manifest, err := root.IndexManifest()
	if err != nil {
		return nil, fmt.Errorf("read OCI layout %s: %w", dir, err)
	}
	if len(manifest.Manifests) == 1 && manifest.Manifests[0].MediaType.IsIndex() {
		if root, err = root.ImageIndex(manifest.Manifests[0].Digest); err != nil {
			return nil, fmt.Errorf("read OCI layout %s: %w", dir, err)
		}
	}
	idx, err := FromIndex(root)
	if err != nil {
		return nil, fmt.Errorf("read OCI layout %s: %w", dir, err)
	}
	return idx, nil
}

// FromIndex reads an index of any origin.
func FromIndex(root v1.ImageIndex) (Index, error) {
	digest, err := root.Digest()
	if err != nil {
		return nil, fmt.Errorf("digest of index: %w", err)
	}
	manifest, err := root.IndexManifest()
	if err != nil {
		return nil, fmt.Errorf("manifest of index %s: %w", digest, err)
	}
	idx := &index{digest: digest, annotations: manifest.Annotations}
	for _, desc := range manifest.Manifests {
		if !desc.MediaType.IsImage() || desc.Annotations[attestation] != "" {
			continue
		}
		child, err := root.Image(desc.Digest)
		if err != nil {
			return nil, fmt.Errorf("image %s: %w", desc.Digest, err)
		}
		img, err := fromImage(child)
		if err != nil {
			return nil, err
		}
		idx.images = append(idx.images, img)
	}
	if len(idx.images) == 0 {
		return nil, fmt.Errorf("index %s has no image", digest)
	}
	return idx, nil
}

// FromImage makes an index of a single image of any origin; the index has the image's digest.
func FromImage(i v1.Image) (Index, error) {
	img, err := fromImage(i)
	if err != nil {
		return nil, err
	}
	return &index{digest: img.digest, images: []*image{img}}, nil
}

type index struct {
	digest      v1.Hash
	annotations map[string]string
	images      []*image
}

func (x *index) Digest() v1.Hash                { return x.digest }
func (x *index) Annotations() map[string]string { return x.annotations }

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
		errs = append(errs, i.spool.Close())
	}
	return errors.Join(errs...)
}

type image struct {
	digest   v1.Hash
	manifest *v1.Manifest
	config   *v1.ConfigFile
	layers   []Layer
	pull     int64
	spool    *spool
	files    func() (*Tree, error)
}

func fromImage(i v1.Image) (*image, error) {
	img := &image{spool: &spool{}}
	var err error
	if img.digest, err = i.Digest(); err != nil {
		return nil, fmt.Errorf("digest of image: %w", err)
	}
	if img.manifest, err = i.Manifest(); err != nil {
		return nil, fmt.Errorf("manifest of image %s: %w", img.digest, err)
	}
	if img.config, err = i.ConfigFile(); err != nil {
		return nil, fmt.Errorf("config of image %s: %w", img.digest, err)
	}
	size, err := i.Size()
	if err != nil {
		return nil, fmt.Errorf("size of image %s: %w", img.digest, err)
	}
	img.pull = size + img.manifest.Config.Size
	layers, err := i.Layers()
	if err != nil {
		return nil, fmt.Errorf("layers of image %s: %w", img.digest, err)
	}
	for n, l := range layers {
		desc := img.manifest.Layers[n]
		diffID := v1.Hash{}
		if n < len(img.config.RootFS.DiffIDs) {
			diffID = img.config.RootFS.DiffIDs[n]
		}
		img.layers = append(img.layers, &layer{Layer: l, index: n, digest: desc.Digest, diffID: diffID, size: desc.Size})
		img.pull += desc.Size
	}
	img.files = sync.OnceValues(func() (*Tree, error) { return readTree(img) })
	return img, nil
}

func (i *image) Digest() v1.Hash        { return i.digest }
func (i *image) Config() *v1.ConfigFile { return i.config }
func (i *image) Manifest() *v1.Manifest { return i.manifest }
func (i *image) Layers() []Layer        { return i.layers }
func (i *image) Files() (*Tree, error)  { return i.files() }

func (i *image) Platform() string {
	return v1.Platform{OS: i.config.OS, Architecture: i.config.Architecture, Variant: i.config.Variant}.String()
}

func (i *image) Size() (Size, error) {
	files, err := i.Files()
	if err != nil {
		return Size{}, err
	}
	return Size{Unpacked: files.unpacked, Pull: i.pull}, nil
}
