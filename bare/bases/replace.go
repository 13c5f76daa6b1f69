package bases

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// replace puts a layout in the place of an older one, if there is one. The
// blobs of that stay until the next time, because builds that run may read
// them; the place stays too, since it is a part of what builds compare.
func (l layout) replace(dir string) error {
	old := layout{dir}
	current, err := old.referenced()
	if errors.Is(err, fs.ErrNotExist) {
		return os.Rename(l.dir, dir)
	}
	if err != nil { // damaged
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
		return os.Rename(l.dir, dir)
	}
	blobs, err := os.ReadDir(old.blobs())
	if err != nil {
		return err
	}
	for _, blob := range blobs {
		if !current[blob.Name()] {
			if err := os.Remove(filepath.Join(old.blobs(), blob.Name())); err != nil {
				return err
			}
		}
	}
	if blobs, err = os.ReadDir(l.blobs()); err != nil {
		return err
	}
	for _, blob := range blobs {
		if err := os.Rename(filepath.Join(l.blobs(), blob.Name()), filepath.Join(old.blobs(), blob.Name())); err != nil {
			return err
		}
	}
	return os.Rename(filepath.Join(l.dir, ocispec.ImageIndexFile), filepath.Join(dir, ocispec.ImageIndexFile))
}

// referenced are the names of the blobs that the layout's index leads to.
func (l layout) referenced() (map[string]bool, error) {
	root, err := readDigest(l.dir)
	if err != nil {
		return nil, err
	}
	names := map[string]bool{root.Encoded(): true}
	var index ocispec.Index
	if err := l.read(root, &index); err != nil {
		return nil, err
	}
	for _, image := range index.Manifests {
		var manifest ocispec.Manifest
		if err := l.read(image.Digest, &manifest); err != nil {
			return nil, err
		}
		names[image.Digest.Encoded()] = true
		for _, d := range append(manifest.Layers, manifest.Config) {
			names[d.Digest.Encoded()] = true
		}
	}
	return names, nil
}
