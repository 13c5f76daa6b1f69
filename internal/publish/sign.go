package publish

import (
	"context"
	"fmt"
	"path"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/partial"

	"example.com/stagecraft/internal/attestation"
	"example.com/stagecraft/internal/image"
	"example.com/stagecraft/internal/signing"
)

// created is the annotation of when an image was made.
const created = "org.opencontainers.image.created"

// attach signs what is said about an image that is in the registry, and attaches it there. The signature comes last: an image that
// has one has the rest.
func (p Publisher) attach(ctx context.Context, pusher *pusher, img Image, index v1.ImageIndex) error {
	subjects, err := subjects(index)
	if err != nil {
		return err
	}
	statements, err := statements(ctx, img, index)
	if err != nil {
		return err
	}
	for _, s := range statements {
		bundle, err := p.Key.Sign(ctx, s)
		if err != nil {
			return err
		}
		r := signing.Referrer{Predicate: s.PredicateType, Bundle: bundle}
		if time, ok := img.Annotations[created]; ok {
			r.Annotations = map[string]string{created: time}
		}
		subject, ok := subjects[s.Subject[0].Digest["sha256"]]
		if !ok {
			return fmt.Errorf("a statement of type %s is about %v, which is not this image", s.PredicateType, s.Subject[0].Digest)
		}
		if err := r.Attach(ctx, pusher.Pusher, img.Tag.Context(), subject); err != nil {
			return err
		}
	}
	return nil
}

// subjects are an index and the images in it, by the hexadecimal digits of their digests.
func subjects(index v1.ImageIndex) (map[string]v1.Descriptor, error) {
	whole, err := partial.Descriptor(index)
	if err != nil {
		return nil, err
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		return nil, err
	}
	all := map[string]v1.Descriptor{whole.Digest.Hex: *whole}
	for _, desc := range manifest.Manifests {
		all[desc.Digest.Hex] = desc
	}
	return all, nil
}

// statements are what is said about an image, its signature last.
func statements(ctx context.Context, img Image, index v1.ImageIndex) ([]attestation.Statement, error) {
	digest, err := index.Digest()
	if err != nil {
		return nil, err
	}
	signature, err := signing.Signature(digest, called(img.Tag))
	if err != nil || img.Statements == nil {
		return []attestation.Statement{signature}, err
	}
	opened, err := image.FromIndex(index)
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	all, err := img.Statements(ctx, opened)
	return append(all, signature), err
}

// called is the name of an image in its signature. The registry is not part of it, so that mirrors have valid signatures.
func called(tag name.Tag) string { return path.Base(tag.RepositoryStr()) + ":" + tag.TagStr() }
