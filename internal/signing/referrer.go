package signing

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// predicateAnnotation names the type of a bundle's statement in a list of referrers, as cosign has it.
const predicateAnnotation = "dev.sigstore.bundle.predicateType"

// maxBundle is how many bytes of a bundle are read. The inventory of an image with ten thousand files takes a few million.
const maxBundle = 64 << 20

// empty is the configuration of what is not an image.
// Source: https://github.com/opencontainers/image-spec/blob/main/manifest.md#guidance-for-an-empty-descriptor
var empty = static.NewLayer([]byte("{}"), "application/vnd.oci.empty.v1+json")

// Referrer is what is attached to an image: a signed statement of the type Predicate in a bundle.
type Referrer struct {
	Predicate   string
	Bundle      []byte
	Annotations map[string]string
}

// Attach pushes a referrer to the repository of its subject, which is there. A registry without lists of referrers gets one under
// a tag that is the subject's digest. What is attached already is not attached twice.
func (r Referrer) Attach(ctx context.Context, pusher *remote.Pusher, to name.Repository, subject v1.Descriptor) error {
	manifest := v1.Manifest{
		SchemaVersion: 2,
		MediaType:     types.OCIManifestSchema1,
		ArtifactType:  BundleType,
		Subject:       &v1.Descriptor{MediaType: subject.MediaType, Digest: subject.Digest, Size: subject.Size},
		Annotations:   map[string]string{predicateAnnotation: r.Predicate, "dev.sigstore.bundle.content": "dsse-envelope"},
	}
	maps.Copy(manifest.Annotations, r.Annotations)
	var blobs []v1.Descriptor
	for _, l := range []v1.Layer{empty, static.NewLayer(r.Bundle, BundleType)} {
		if err := pusher.Upload(ctx, to, l); err != nil {
			return err
		}
		desc, err := partial.Descriptor(l)
		if err != nil {
			return err
		}
		blobs = append(blobs, *desc)
	}
	manifest.Config, manifest.Layers = blobs[0], blobs[1:]
	raw, err := json.Marshal(manifest)
	if err != nil {
		return err
	}
	digest, _, err := v1.SHA256(bytes.NewReader(raw))
	if err != nil {
		return err
	}
	// Push would leave out the list of referrers where an earlier run pushed the manifest and was interrupted.
	return pusher.Put(ctx, to.Digest(digest.String()), artifact(raw))
}

// artifact is the manifest of a referrer.
type artifact []byte

func (a artifact) RawManifest() ([]byte, error)      { return a, nil }
func (artifact) MediaType() (types.MediaType, error) { return types.OCIManifestSchema1, nil }

// Bundles are the bundles that are attached to an image. Referrers of other kinds are left out.
func Bundles(image name.Digest, options ...remote.Option) ([][]byte, error) {
	index, err := remote.Referrers(image, options...)
	if err != nil {
		return nil, fmt.Errorf("list what refers to %s: %w", image, err)
	}
	list, err := index.IndexManifest()
	if err != nil {
		return nil, fmt.Errorf("list what refers to %s: %w", image, err)
	}
	var bundles [][]byte
	for _, desc := range list.Manifests {
		bundle, err := fetch(image.Context().Digest(desc.Digest.String()), options)
		if err != nil {
			return nil, fmt.Errorf("read %s, which refers to %s: %w", desc.Digest, image, err)
		}
		if bundle != nil {
			bundles = append(bundles, bundle)
		}
	}
	return bundles, nil
}

// fetch is the bundle in an artifact; nil for an artifact that has none. Registries do not agree on what a list of referrers says
// about them.
func fetch(from name.Digest, options []remote.Option) (bundle []byte, err error) {
	image, err := remote.Image(from, options...)
	if err != nil {
		return nil, err
	}
	manifest, err := image.Manifest()
	if err != nil {
		return nil, err
	}
	if len(manifest.Layers) != 1 || manifest.Layers[0].MediaType != BundleType {
		return nil, nil
	}
	if size := manifest.Layers[0].Size; size > maxBundle {
		return nil, fmt.Errorf("it has %d bytes, more than %d", size, maxBundle)
	}
	layer, err := image.LayerByDigest(manifest.Layers[0].Digest)
	if err != nil {
		return nil, err
	}
	content, err := layer.Compressed()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, content.Close()) }()
	return io.ReadAll(content)
}
