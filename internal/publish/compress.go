package publish

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"example.com/stagecraft/internal/command"
	"example.com/stagecraft/internal/image"
)

// Compression is how the layers of published images are compressed.
type Compression string

// Zstd is zstd at level 19, by the program of that name: BuildKit's own highest level makes layers an eighth larger. Gzip is
// for engines that cannot read zstd, such as Docker before 23.0.
const (
	Zstd Compression = "zstd"
	Gzip Compression = "gzip"
)

// ParseCompression reads the name of a compression; an empty one is Zstd.
func ParseCompression(s string) (Compression, error) {
	switch c := Compression(s); c {
	case "":
		return Zstd, nil
	case Zstd, Gzip:
		return c, nil
	}
	return "", fmt.Errorf("there is no compression %q; choose from %s, %s", s, Zstd, Gzip)
}

func (c Compression) mediaType() types.MediaType {
	if c == Gzip {
		return types.OCILayer
	}
	return types.OCILayerZStd
}

// Compressor compresses the layers of images, each once: Dir keeps them by the digest of what they contain.
type Compressor struct {
	Compression Compression
	Dir         string
}

// open reads the OCI layout in dir, whose index.json names one index, or the image of one platform, as BuildKit writes it.
// Manifests and configurations have the digests by which they are named.
func open(dir string) (v1.ImageIndex, error) {
	verified, err := image.Open(dir)
	if err != nil {
		return nil, err
	}
	if err := verified.Close(); err != nil {
		return nil, err
	}
	root, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		return nil, fmt.Errorf("read OCI layout %s: %w", dir, err)
	}
	manifest, err := root.IndexManifest()
	if err != nil {
		return nil, fmt.Errorf("read OCI layout %s: %w", dir, err)
	}
	if len(manifest.Manifests) == 1 && manifest.Manifests[0].MediaType.IsIndex() {
		return root.ImageIndex(manifest.Manifests[0].Digest)
	}
	return root, nil
}

// index is from with other layers of the same content, and annotations.
func (c Compressor) index(ctx context.Context, from v1.ImageIndex, annotations map[string]string) (v1.ImageIndex, error) {
	manifest, err := from.IndexManifest()
	if err != nil {
		return nil, err
	}
	to := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, desc := range manifest.Manifests {
		child, err := from.Image(desc.Digest)
		if err != nil {
			return nil, fmt.Errorf("image %s: %w", desc.Digest, err)
		}
		config, err := child.ConfigFile()
		if err != nil {
			return nil, fmt.Errorf("image %s: %w", desc.Digest, err)
		}
		image, err := c.image(ctx, child, config.RootFS.DiffIDs, annotations)
		if err != nil {
			return nil, fmt.Errorf("image for %s: %w", config.Platform(), err)
		}
		to = mutate.AppendManifests(to, mutate.IndexAddendum{Add: image, Descriptor: v1.Descriptor{Platform: config.Platform()}})
	}
	annotated, ok := mutate.Annotations(to, annotations).(v1.ImageIndex)
	if !ok {
		return nil, fmt.Errorf("annotate an index: it became a %T", annotated)
	}
	return annotated, nil
}

// image is from with other layers of the same content, whose digests its configuration lists: a layer's own DiffID would be that
// of whatever is in its file. The configuration is the same byte for byte.
func (c Compressor) image(ctx context.Context, from v1.Image, diffIDs []v1.Hash, annotations map[string]string) (v1.Image, error) {
	manifest, err := from.Manifest()
	if err != nil {
		return nil, err
	}
	config, err := from.RawConfigFile()
	if err != nil {
		return nil, err
	}
	layers, err := from.Layers()
	if err != nil {
		return nil, err
	}
	if len(layers) != len(diffIDs) {
		return nil, fmt.Errorf("it has %d layers, and its configuration lists %d; build the image again", len(layers), len(diffIDs))
	}
	to := &compressed{config: config, layers: map[v1.Hash]*layer{}}
	manifest = manifest.DeepCopy()
	for i, l := range layers {
		smaller, err := c.layer(ctx, l, diffIDs[i])
		if err != nil {
			return nil, err
		}
		manifest.Layers[i] = v1.Descriptor{MediaType: c.Compression.mediaType(), Digest: smaller.digest, Size: smaller.size}
		to.layers[smaller.digest] = smaller
	}
	if len(annotations) > 0 && manifest.Annotations == nil {
		manifest.Annotations = map[string]string{}
	}
	maps.Copy(manifest.Annotations, annotations)
	if to.manifest, err = json.Marshal(manifest); err != nil {
		return nil, err
	}
	return partial.CompressedToImage(to)
}

// layer is l, compressed by c; its file is made unless it is there.
func (c Compressor) layer(ctx context.Context, l v1.Layer, diffID v1.Hash) (*layer, error) {
	file := filepath.Join(c.Dir, diffID.Hex+"."+string(c.Compression))
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		if err := c.write(ctx, file, l, diffID); err != nil {
			return nil, fmt.Errorf("compress layer %s: %w", diffID, err)
		}
	}
	result := &layer{diffID: diffID, mediaType: c.Compression.mediaType(), file: file}
	content, err := result.Compressed()
	if err != nil {
		return nil, err
	}
	defer content.Close()
	result.digest, result.size, err = v1.SHA256(content)
	return result, err
}

// write compresses l into file, which is there whole or not at all.
func (c Compressor) write(ctx context.Context, file string, l v1.Layer, want v1.Hash) (err error) {
	if err := os.MkdirAll(c.Dir, 0o755); err != nil {
		return err
	}
	content, err := l.Uncompressed()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, content.Close()) }()
	out, err := os.CreateTemp(c.Dir, ".layer-*")
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, out.Close())
		if err != nil {
			err = errors.Join(err, os.Remove(out.Name()))
			return
		}
		err = os.Rename(out.Name(), file)
	}()
	sum, err := v1.Hasher(want.Algorithm)
	if err != nil {
		return err
	}
	if err := c.compress(ctx, out, io.TeeReader(content, sum)); err != nil {
		return err
	}
	if got := fmt.Sprintf("%x", sum.Sum(nil)); got != want.Hex {
		return fmt.Errorf("its content has the digest %s:%s: the layout is damaged; build the image again", want.Algorithm, got)
	}
	return nil
}

func (c Compressor) compress(ctx context.Context, to io.Writer, from io.Reader) error {
	if c.Compression == Gzip {
		w, err := gzip.NewWriterLevel(to, gzip.BestCompression)
		if err != nil {
			return err
		}
		_, err = io.Copy(w, from)
		return errors.Join(err, w.Close())
	}
	var problem strings.Builder
	// One thread: with more, the bytes depend on whether the machine has more.
	err := command.Command{Args: []string{"zstd", "-19", "--single-thread", "-q", "-c"}, Stdin: from, Stdout: to, Stderr: &problem}.Run(ctx)
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return errors.New("the program zstd is not installed; install it, or publish with -compression=gzip")
	case err != nil && problem.Len() > 0:
		return fmt.Errorf("%w: %s", err, strings.Join(strings.Fields(problem.String()), " "))
	}
	return err
}

// compressed is an image of one platform.
type compressed struct {
	manifest, config []byte
	layers           map[v1.Hash]*layer
}

func (c *compressed) RawManifest() ([]byte, error)        { return c.manifest, nil }
func (c *compressed) RawConfigFile() ([]byte, error)      { return c.config, nil }
func (c *compressed) MediaType() (types.MediaType, error) { return types.OCIManifestSchema1, nil }

func (c *compressed) LayerByDigest(h v1.Hash) (partial.CompressedLayer, error) {
	l, ok := c.layers[h]
	if !ok {
		return nil, fmt.Errorf("there is no layer %s", h)
	}
	return l, nil
}

// layer is a compressed layer in a file.
type layer struct {
	digest, diffID v1.Hash
	size           int64 // bytes, compressed
	mediaType      types.MediaType
	file           string
}

func (l *layer) Digest() (v1.Hash, error)            { return l.digest, nil }
func (l *layer) DiffID() (v1.Hash, error)            { return l.diffID, nil }
func (l *layer) Size() (int64, error)                { return l.size, nil }
func (l *layer) MediaType() (types.MediaType, error) { return l.mediaType, nil }
func (l *layer) Compressed() (io.ReadCloser, error)  { return os.Open(l.file) }
