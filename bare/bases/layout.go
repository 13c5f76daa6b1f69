package bases

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// standInLabel marks every stand-in, so that nothing takes it for the official image.
const standInLabel = "dev.stagecraft.base"

// layout is an OCI layout being written.
type layout struct{ dir string }

func newLayout(dir string) (layout, error) {
	l := layout{dir}
	if err := os.MkdirAll(l.blobs(), 0o755); err != nil {
		return l, err
	}
	return l, writeJSON(filepath.Join(dir, ocispec.ImageLayoutFile), ocispec.ImageLayout{Version: ocispec.ImageLayoutVersion})
}

func (l layout) blobs() string { return filepath.Join(l.dir, ocispec.ImageBlobsDir, "sha256") }

// image writes config and manifest of one platform.
func (l layout) image(name string, r recipe, arch string, layers []layer) (ocispec.Descriptor, error) {
	created := epoch.In(time.UTC)
	labels := map[string]string{
		standInLabel:                  "stand-in",
		ocispec.AnnotationTitle:       "stand-in for " + name,
		ocispec.AnnotationDescription: r.title + "; assembled from package registries, not the official image",
	}
	config := ocispec.Image{
		Created:  &created,
		Platform: ocispec.Platform{OS: "linux", Architecture: arch},
		Config:   ocispec.ImageConfig{Env: r.env, WorkingDir: r.dir, Cmd: r.cmd, Labels: labels},
		RootFS:   ocispec.RootFS{Type: "layers"},
	}
	manifest := ocispec.Manifest{
		Versioned:   specs.Versioned{SchemaVersion: 2},
		MediaType:   ocispec.MediaTypeImageManifest,
		Annotations: labels,
	}
	for i := range layers {
		config.RootFS.DiffIDs = append(config.RootFS.DiffIDs, layers[i].diffID)
		manifest.Layers = append(manifest.Layers, layers[i].Descriptor)
	}
	var err error
	if manifest.Config, err = l.blob(ocispec.MediaTypeImageConfig, config); err != nil {
		return ocispec.Descriptor{}, err
	}
	d, err := l.blob(ocispec.MediaTypeImageManifest, manifest)
	d.Platform = &ocispec.Platform{OS: "linux", Architecture: arch}
	return d, err
}

// index writes the index over all platforms, and the entry that leads to it.
func (l layout) index(images []ocispec.Descriptor) (digest.Digest, error) {
	d, err := l.blob(ocispec.MediaTypeImageIndex, ocispec.Index{
		Versioned: specs.Versioned{SchemaVersion: 2},
		MediaType: ocispec.MediaTypeImageIndex,
		Manifests: images,
	})
	if err != nil {
		return "", err
	}
	d.Annotations = map[string]string{ocispec.AnnotationRefName: "latest"}
	return d.Digest, writeJSON(filepath.Join(l.dir, ocispec.ImageIndexFile), ocispec.Index{
		Versioned: specs.Versioned{SchemaVersion: 2},
		MediaType: ocispec.MediaTypeImageIndex,
		Manifests: []ocispec.Descriptor{d},
	})
}

func (l layout) blob(mediaType string, v any) (ocispec.Descriptor, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return ocispec.Descriptor{}, err
	}
	sum := digest.FromBytes(data)
	err = os.WriteFile(filepath.Join(l.blobs(), sum.Encoded()), data, 0o644)
	return ocispec.Descriptor{MediaType: mediaType, Digest: sum, Size: int64(len(data))}, err
}

// readDigest returns the digest of the index that a finished layout leads to.
func readDigest(dir string) (digest.Digest, error) {
	data, err := os.ReadFile(filepath.Join(dir, ocispec.ImageIndexFile))
	if err != nil {
		return "", err
	}
	var index ocispec.Index
	if err := json.Unmarshal(data, &index); err != nil {
		return "", fmt.Errorf("reading %s: %w", filepath.Join(dir, ocispec.ImageIndexFile), err)
	}
	if len(index.Manifests) != 1 {
		return "", fmt.Errorf("reading %s: %d entries instead of one", filepath.Join(dir, ocispec.ImageIndexFile), len(index.Manifests))
	}
	return index.Manifests[0].Digest, index.Manifests[0].Digest.Validate()
}

func writeJSON(path string, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o644)
}

// readLayers returns the layers of a platform's image in a finished layout.
func readLayers(dir, arch string) ([]layer, error) {
	root, err := readDigest(dir)
	if err != nil {
		return nil, err
	}
	l := layout{dir}
	var index ocispec.Index
	if err := l.read(root, &index); err != nil {
		return nil, err
	}
	for _, d := range index.Manifests {
		if d.Platform == nil || d.Platform.Architecture != arch {
			continue
		}
		var manifest ocispec.Manifest
		if err := l.read(d.Digest, &manifest); err != nil {
			return nil, err
		}
		var config ocispec.Image
		if err := l.read(manifest.Config.Digest, &config); err != nil {
			return nil, err
		}
		var layers []layer
		for i, d := range manifest.Layers {
			layers = append(layers, layer{d, config.RootFS.DiffIDs[i]})
		}
		return layers, nil
	}
	return nil, fmt.Errorf("reading %s: no image for %s", dir, arch)
}

func (l layout) read(d digest.Digest, v any) error {
	data, err := os.ReadFile(filepath.Join(l.blobs(), d.Encoded()))
	if err != nil {
		return err
	}
	return json.Unmarshal(data, v)
}
