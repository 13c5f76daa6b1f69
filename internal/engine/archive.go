package engine

import (
	"archive/tar"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"example.com/stagecraft/internal/catalog"
)

// imageName is the annotation by which containerd's image store takes an image's name.
// Source: https://github.com/containerd/containerd/blob/main/core/images/annotations.go
const imageName = "io.containerd.image.name"

// archive is an OCI layout in a form that both image stores of an engine load, as `docker save` writes it: containerd's
// reads index.json, which can name an index over several platforms; the legacy one reads manifest.json, where a tag is an
// image of one platform. Both take the layers as they are.
// Source: https://github.com/moby/docker-image-spec
type archive struct {
	dir    string
	index  v1.IndexManifest
	legacy []legacyImage
}

type legacyImage struct {
	Config   string
	RepoTags []string
	Layers   []string
}

func newArchive(dir, all string, native catalog.Platform, each func(catalog.Platform) string) (archive, error) {
	a := archive{dir: dir, index: v1.IndexManifest{SchemaVersion: 2, MediaType: types.OCIImageIndex}}
	root, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		return archive{}, err
	}
	manifest, err := root.IndexManifest()
	if err != nil {
		return archive{}, err
	}
	if len(manifest.Manifests) != 1 {
		return archive{}, fmt.Errorf("%s has %d images instead of one", dir, len(manifest.Manifests))
	}
	top := manifest.Manifests[0]
	a.name(top, all)
	images := manifest.Manifests
	if top.MediaType.IsIndex() {
		if root, err = root.ImageIndex(top.Digest); err != nil {
			return archive{}, err
		}
		if manifest, err = root.IndexManifest(); err != nil {
			return archive{}, err
		}
		images = manifest.Manifests
	}
	first := 0 // the image that a tag for all platforms is, where it can be only one
	for _, desc := range images {
		image, err := root.Image(desc.Digest)
		if err != nil {
			return archive{}, err
		}
		config, err := image.ConfigFile()
		if err != nil {
			return archive{}, err
		}
		platform := catalog.Platform(config.OS + "/" + config.Architecture)
		a.name(desc, each(platform))
		if platform == native {
			first = len(a.legacy)
		}
		if err := a.add(image, each(platform)); err != nil {
			return archive{}, err
		}
	}
	a.legacy[first].RepoTags = append(a.legacy[first].RepoTags, all)
	return a, nil
}

func (a *archive) name(desc v1.Descriptor, tag string) {
	desc.Annotations = map[string]string{imageName: "docker.io/" + tag}
	a.index.Manifests = append(a.index.Manifests, desc)
}

func (a *archive) add(image v1.Image, tag string) error {
	manifest, err := image.Manifest()
	if err != nil {
		return err
	}
	blob := func(d v1.Descriptor) string { return path.Join("blobs", d.Digest.Algorithm, d.Digest.Hex) }
	entry := legacyImage{Config: blob(manifest.Config), RepoTags: []string{tag}}
	for _, l := range manifest.Layers {
		entry.Layers = append(entry.Layers, blob(l))
	}
	a.legacy = append(a.legacy, entry)
	return nil
}

// write writes the archive as a tar stream.
func (a archive) write(w io.Writer) error {
	out := tar.NewWriter(w)
	for name, value := range map[string]any{
		"oci-layout":    map[string]string{"imageLayoutVersion": "1.0.0"},
		"index.json":    a.index,
		"manifest.json": a.legacy,
	} {
		data, err := json.Marshal(value)
		if err != nil {
			return err
		}
		if err := out.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(data))}); err != nil {
			return err
		}
		if _, err := out.Write(data); err != nil {
			return err
		}
	}
	blobs := os.DirFS(a.dir)
	err := fs.WalkDir(blobs, "blobs", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		return a.blob(out, name)
	})
	if err != nil {
		return err
	}
	return out.Close()
}

func (a archive) blob(out *tar.Writer, name string) error {
	file, err := os.Open(filepath.Join(a.dir, filepath.FromSlash(name)))
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if err := out.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: info.Size()}); err != nil {
		return err
	}
	_, err = io.Copy(out, file)
	return err
}
