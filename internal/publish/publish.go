// Package publish pushes images from OCI layouts to a registry, each layer compressed to be pulled. Configurations and what
// layers contain stay as they were proven.
package publish

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"example.com/stagecraft/internal/attestation"
	"example.com/stagecraft/internal/image"
	"example.com/stagecraft/internal/signing"
)

// Image is one service's image for all of its platforms, and where it goes.
type Image struct {
	Service     string
	Layout      string            // the folder of an OCI layout
	Tag         name.Tag          // with the repository, such as registry.example.com/team/hello-go:1.4
	Annotations map[string]string // added to the index and to each image in it

	// Statements are made about the index as it is pushed, signed, and attached to their first subjects; nil: none. Without a
	// key, they are not asked for.
	Statements func(ctx context.Context, index image.Index) ([]attestation.Statement, error)
}

// Published is an image in a registry.
type Published struct {
	Service   string
	Tag       name.Tag
	Digest    name.Digest
	Platforms []Platform
	Sent      int64 // bytes of layers that the registry did not have
}

// Platform is what a published image is for one platform.
type Platform struct {
	Name string // such as linux/arm64
	Pull int64  // bytes that a registry sends: compressed layers, configuration and manifest
}

// Publisher publishes images. The zero value of each field is usable.
type Publisher struct {
	Compressor Compressor
	Options    []remote.Option     // credentials, transport
	Force      bool                // moves tags that name other images
	Key        *signing.PrivateKey // signs images and what is said about them; nil: nothing is signed
	Say        func(format string, args ...any)
}

// Publish pushes images by digest, what is signed about them, and when all of that is there, their tags: whoever pulls a tag never sees a part of it. A
// tag that names another image is an error before anything is sent, unless p.Force. What a registry has is not sent again, so
// the same call continues one that was interrupted.
func (p Publisher) Publish(ctx context.Context, images []Image) ([]Published, error) {
	pusher, err := newPusher(ctx, p.Options)
	if err != nil {
		return nil, err
	}
	ready := make([]v1.ImageIndex, len(images))
	for i, image := range images {
		p.say("compressing %s", image.Service)
		if ready[i], err = p.prepare(ctx, image); err != nil {
			return nil, fmt.Errorf("publish %s: %w", image.Service, err)
		}
	}
	moved := make([]bool, len(images))
	var conflicts []error
	for i, image := range images {
		if moved[i], err = pusher.moves(image.Tag, ready[i]); err != nil {
			return nil, fmt.Errorf("publish %s: look up %s: %w", image.Service, image.Tag, explain(image.Tag.Registry, err))
		}
		if moved[i] && !p.Force {
			conflicts = append(conflicts, fmt.Errorf("publish %s: %s names another image; choose another -tag, or move it with -force", image.Service, image.Tag))
		}
	}
	if len(conflicts) > 0 {
		return nil, errors.Join(conflicts...)
	}
	published := make([]Published, len(images))
	for i, image := range images {
		p.say("pushing %s to %s", image.Service, image.Tag.Context())
		if published[i], err = pusher.push(ctx, image, ready[i]); err != nil {
			return nil, fmt.Errorf("publish %s: push to %s: %w", image.Service, image.Tag.Context(), explain(image.Tag.Registry, err))
		}
		if p.Key == nil {
			continue
		}
		if err := p.attach(ctx, pusher, image, ready[i]); err != nil {
			return nil, fmt.Errorf("publish %s: attach what is signed to %s: %w", image.Service, published[i].Digest, explain(image.Tag.Registry, err))
		}
	}
	for i, image := range images {
		if err := pusher.Push(ctx, image.Tag, ready[i]); err != nil {
			return nil, fmt.Errorf("publish %s: tag %s as %s: %w", image.Service, published[i].Digest, image.Tag, explain(image.Tag.Registry, err))
		}
	}
	return published, nil
}

// prepare is the index of an image as it is pushed.
func (p Publisher) prepare(ctx context.Context, image Image) (v1.ImageIndex, error) {
	index, err := open(image.Layout)
	if err != nil {
		return nil, err
	}
	return p.Compressor.index(ctx, index, image.Annotations)
}

func (p Publisher) say(format string, args ...any) {
	if p.Say != nil {
		p.Say(format, args...)
	}
}

// pusher pushes to registries. It knows what it has pushed where, so that a layer of several images is sent once.
type pusher struct {
	*remote.Pusher

	options []remote.Option
	origin  map[v1.Hash]name.Repository // layers that are in a registry
}

func newPusher(ctx context.Context, options []remote.Option) (*pusher, error) {
	options = append([]remote.Option{remote.WithContext(ctx)}, options...)
	p, err := remote.NewPusher(options...)
	if err != nil {
		return nil, fmt.Errorf("publish: %w", err)
	}
	return &pusher{Pusher: p, options: options, origin: map[v1.Hash]name.Repository{}}, nil
}

// moves reports whether a tag names another image than index.
func (p *pusher) moves(tag name.Tag, index v1.ImageIndex) (bool, error) {
	there, err := remote.Head(tag, p.options...)
	if missing(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	digest, err := index.Digest()
	return there.Digest != digest, err
}

// missing reports whether a registry does not have what was asked for.
func missing(err error) bool {
	var refused *transport.Error
	return errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound
}

// push sends what the registry lacks of index.
func (p *pusher) push(ctx context.Context, image Image, index v1.ImageIndex) (Published, error) {
	digest, err := index.Digest()
	if err != nil {
		return Published{}, err
	}
	result := Published{Service: image.Service, Tag: image.Tag, Digest: image.Tag.Context().Digest(digest.String())}
	manifest, err := index.IndexManifest()
	if err != nil {
		return Published{}, err
	}
	var sent counter
	for _, desc := range manifest.Manifests {
		child, err := index.Image(desc.Digest)
		if err != nil {
			return Published{}, err
		}
		size, err := pull(child)
		if err != nil {
			return Published{}, err
		}
		result.Platforms = append(result.Platforms, Platform{desc.Platform.String(), size})
		layers, err := child.Layers()
		if err != nil {
			return Published{}, err
		}
		for _, l := range layers {
			if err := p.upload(ctx, image.Tag.Context(), counted{l, &sent}); err != nil {
				return Published{}, err
			}
		}
	}
	if err := p.Push(ctx, result.Digest, index); err != nil {
		return Published{}, err
	}
	result.Sent = sent.bytes.Load()
	return result, nil
}

// upload sends a layer, or lets the registry take it from another of its repositories.
func (p *pusher) upload(ctx context.Context, to name.Repository, l v1.Layer) error {
	digest, err := l.Digest()
	if err != nil {
		return err
	}
	if from, ok := p.origin[digest]; ok && from.Registry == to.Registry && from != to {
		l = &remote.MountableLayer{Layer: l, Reference: from.Digest(digest.String())}
	}
	if err := p.Upload(ctx, to, l); err != nil {
		return err
	}
	p.origin[digest] = to
	return nil
}

// pull is how many bytes a machine that has nothing pulls.
func pull(image v1.Image) (int64, error) {
	size, err := image.Size()
	if err != nil {
		return 0, err
	}
	manifest, err := image.Manifest()
	if err != nil {
		return 0, err
	}
	size += manifest.Config.Size
	for _, l := range manifest.Layers {
		size += l.Size
	}
	return size, nil
}

// counted is a layer whose bytes are counted as they are read.
type counted struct {
	v1.Layer

	sent *counter
}

func (c counted) Compressed() (io.ReadCloser, error) {
	stream, err := c.Layer.Compressed()
	if err != nil {
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{io.TeeReader(stream, c.sent), stream}, nil
}
