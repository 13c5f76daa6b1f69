package image

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
)

// Open reads the OCI layout in dir. A layout whose index.json names one index is that index, as BuildKit writes it.
func Open(dir string) (Index, error) {
	return open(dir, func(v1.Hash) bool { return true })
}

// OpenPartial reads a layout that may lack images: an engine saves the index that it pulled, and only the platforms that it
// has.
func OpenPartial(dir string) (Index, error) {
	return open(dir, func(digest v1.Hash) bool {
		_, err := os.Stat(filepath.Join(dir, "blobs", digest.Algorithm, digest.Hex))
		return err == nil
	})
}

func open(dir string, has func(v1.Hash) bool) (Index, error) {
	failed := func(err error) error { return fmt.Errorf("read OCI layout %s: %w", dir, err) }
	root, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		return nil, failed(err)
	}
	manifest, err := root.IndexManifest()
	if err != nil {
		return nil, failed(err)
	}
	if len(manifest.Manifests) == 1 && manifest.Manifests[0].MediaType.IsIndex() {
		if root, err = root.ImageIndex(manifest.Manifests[0].Digest); err != nil {
			return nil, failed(err)
		}
	}
	idx, err := fromIndex(root, has)
	if err != nil {
		return nil, failed(err)
	}
	return idx, nil
}

// FromIndex reads an index of any origin.
func FromIndex(root v1.ImageIndex) (Index, error) {
	return fromIndex(root, func(v1.Hash) bool { return true })
}

// FromImage makes an index of a single image of any origin; the index has the image's digest.
func FromImage(i v1.Image) (Index, error) {
	img, err := fromImage(i)
	if err != nil {
		return nil, err
	}
	if !img.forLinux() {
		return nil, fmt.Errorf("image %s is for %s, not for Linux", img.digest, img.Platform())
	}
	return &index{digest: img.digest, images: []*image{img}}, nil
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
func (i *image) Close() error           { return i.spool.Close() }

// forLinux reports whether the image is for Linux; images made by hand may not say.
func (i *image) forLinux() bool { return i.config.OS == "" || i.config.OS == linux }

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
