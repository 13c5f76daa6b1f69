package image_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"

	"example.com/stagecraft/internal/image"
	"example.com/stagecraft/internal/image/imagetest"
)

// digestOf is the digest of something that has one.
func digestOf(t *testing.T, of interface{ Digest() (v1.Hash, error) }) v1.Hash {
	t.Helper()
	digest, err := of.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return digest
}

// A blob that is not what its digest says is an error, whichever it is.
func TestReplacedBlobs(t *testing.T) {
	t.Parallel()
	lower, upper := layerOf(t, reg("a", "1")), layerOf(t, reg("b", "22"))
	img, other := imageOf(t, "amd64", lower, upper), imageOf(t, "amd64", upper, lower)
	first, second := nested(t, img), nested(t, other)
	config := func(i v1.Image) v1.Hash {
		digest, err := i.ConfigName()
		if err != nil {
			t.Fatal(err)
		}
		return digest
	}
	for name, tt := range map[string]struct {
		blob, by v1.Hash
		want     string
	}{
		"nothing":  {digestOf(t, lower), digestOf(t, lower), ""},
		"a layer":  {digestOf(t, lower), digestOf(t, upper), "layer " + digestOf(t, lower).String() + " is damaged or was replaced: its digest is " + digestOf(t, upper).String()},
		"a config": {config(img), config(other), "config is damaged or was replaced: its digest is " + config(other).String()},
		"an image": {digestOf(t, img), digestOf(t, other), "image is damaged or was replaced: its digest is " + digestOf(t, other).String()},
		"an index": {digestOf(t, first), digestOf(t, second), "index is damaged or was replaced: its digest is " + digestOf(t, second).String()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			if _, err := layout.Write(folder, mutate.AppendManifests(empty.Index, mutate.IndexAddendum{Add: first}, mutate.IndexAddendum{Add: second})); err != nil {
				t.Fatal(err)
			}
			blobs := filepath.Join(folder, "blobs", "sha256")
			content, err := os.ReadFile(filepath.Join(blobs, tt.by.Hex))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(blobs, tt.blob.Hex), content, 0o600); err != nil {
				t.Fatal(err)
			}
			idx, err := image.Open(folder)
			if err == nil {
				defer idx.Close()
				_, err = idx.Images()[0].Files()
			}
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error is %v, want %q", err, tt.want)
			}
		})
	}
}

// The digest of a layer may be right, and its content not what the config names.
func TestLayerOfAnotherConfig(t *testing.T) {
	t.Parallel()
	img := imageOf(t, "amd64", layerOf(t, reg("a", "1")))
	config, err := img.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	for want, diffIDs := range map[string][]v1.Hash{
		"uncompressed is damaged or was replaced": {{Algorithm: "sha256", Hex: strings.Repeat("0", 64)}},
		"has 1 layers, and its config lists 0":    nil,
		`unsupported hash: "sha1"`:                {{Algorithm: "sha1", Hex: strings.Repeat("0", 40)}},
	} {
		changed := config.DeepCopy()
		changed.RootFS.DiffIDs = diffIDs
		lied, err := mutate.ConfigFile(img, changed)
		if err != nil {
			t.Fatal(err)
		}
		idx, err := image.FromImage(lied)
		if err == nil {
			_, err = idx.Images()[0].Files()
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want %q", err, want)
		}
	}
}

// What stands behind the end of the archive belongs to the layer too.
func TestBytesBehindTheArchive(t *testing.T) {
	t.Parallel()
	stream := append(imagetest.Tar(t, reg("a", "1")), make([]byte, 1<<20)...)
	if _, err := filesOf(t, imagetest.LayerOf(t, stream)); err != nil {
		t.Error(err)
	}
}
