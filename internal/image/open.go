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
	digest, err := root.Digest()
	if err != nil {
		return nil, failed(err)
	}
	manifest, err := root.IndexManifest()
	if err != nil {
		return nil, failed(err)
	}
	if len(manifest.Manifests) == 1 && manifest.Manifests[0].MediaType.IsIndex() {
		digest = manifest.Manifests[0].Digest
		if root, err = root.ImageIndex(digest); err != nil {
			return nil, failed(err)
		}
	}
	idx, err := fromIndex(root, digest, has)
	if err != nil {
		return nil, failed(err)
	}
	return idx, nil
}

// FromIndex reads an index of any origin.
func FromIndex(root v1.ImageIndex) (Index, error) {
	digest, err := root.Digest()
	if err != nil {
		return nil, fmt.Errorf("digest of index: %w", err)
	}
	return fromIndex(root, digest, func(v1.Hash) bool { return true })
}

// FromImage makes an index of a single image of any origin; the index has the image's digest.
func FromImage(i v1.Image) (Index, error) {
	digest, err := i.Digest()
	if err != nil {
		return nil, fmt.Errorf("digest of image: %w", err)
	}
	img, err := fromImage(i, digest)
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

// fromImage reads the image that was asked for by that digest.
func fromImage(i v1.Image, digest v1.Hash) (*image, error) {
	img := &image{digest: digest, spool: &spool{}}
	if err := img.readManifest(i); err != nil {
		return nil, fmt.Errorf("manifest of image %s: %w", digest, err)
	}
	if err := img.readConfig(i); err != nil {
		return nil, fmt.Errorf("config of image %s: %w", digest, err)
	}
	layers, err := i.Layers()
	if err != nil {
		return nil, fmt.Errorf("layers of image %s: %w", digest, err)
	}
	diffIDs := img.config.RootFS.DiffIDs
	if img.forLinux() && len(layers) != len(diffIDs) {
		return nil, fmt.Errorf("image %s has %d layers, and its config lists %d; build the image again", digest, len(layers), len(diffIDs))
	}
	for n, l := range layers[:min(len(layers), len(diffIDs))] {
		desc := img.manifest.Layers[n]
		img.layers = append(img.layers, &layer{Layer: l, index: n, digest: desc.Digest, diffID: diffIDs[n], size: desc.Size})
		img.pull += desc.Size
	}
	img.files = sync.OnceValues(func() (*Tree, error) { return readTree(img) })
	return img, nil
}

func (i *image) readManifest(from v1.Image) error {
	raw, err := from.RawManifest()
	if err != nil {
		return err
	}
	if err := checkDigest("image", i.digest, raw); err != nil {
		return err
	}
	if i.manifest, err = from.Manifest(); err != nil {
		return err
	}
	i.pull = int64(len(raw)) + i.manifest.Config.Size
	return nil
}

func (i *image) readConfig(from v1.Image) error {
	raw, err := from.RawConfigFile()
	if err != nil {
		return err
	}
	if err := checkDigest("config", i.manifest.Config.Digest, raw); err != nil {
		return err
	}
	i.config, err = from.ConfigFile()
	return err
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
