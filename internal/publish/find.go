package publish

import (
	"context"
	"fmt"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// Find asks a registry what a tag names.
func Find(ctx context.Context, tag name.Tag, options ...remote.Option) (name.Digest, error) {
	there, err := remote.Head(tag, append([]remote.Option{remote.WithContext(ctx)}, options...)...)
	if missing(err) {
		return name.Digest{}, fmt.Errorf("%s has no %s; `go tool mage publish` pushes it, or choose another tag", tag.Registry, tag)
	}
	if err != nil {
		return name.Digest{}, fmt.Errorf("look up %s: %w", tag, explain(tag.Registry, err))
	}
	return tag.Context().Digest(there.Digest.String()), nil
}
