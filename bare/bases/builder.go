package bases

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"

	"example.com/stagecraft/bare/internal/say"
)

// builder collects the layers of one image.
type builder struct {
	ctx    context.Context
	store  Store
	layout layout
	tell   say.Func
	layers []layer
}

func (b *builder) add(write func(io.Writer) error) error {
	l, err := writeLayer(b.layout.blobs(), write)
	if err == nil {
		b.layers = append(b.layers, l)
	}
	return err
}

// reuse takes the layers of another stand-in, made first if need be.
func (b *builder) reuse(name, arch string, want Want) error {
	dir, err := b.store.ensure(b.ctx, name, recipes[name], want, b.tell)
	if err != nil {
		return err
	}
	layers, err := readLayers(dir, arch)
	if err != nil {
		return err
	}
	for i := range layers {
		l := &layers[i]
		// A link costs nothing, and nobody writes to blobs.
		from := filepath.Join(layout{dir}.blobs(), l.Digest.Encoded())
		if err := os.Link(from, filepath.Join(b.layout.blobs(), l.Digest.Encoded())); err != nil && !errors.Is(err, os.ErrExist) {
			return err
		}
	}
	b.layers = append(b.layers, layers...)
	return nil
}
