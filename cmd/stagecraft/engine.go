package main

import (
	"context"

	"example.com/stagecraft/internal/engine"
	"example.com/stagecraft/internal/image"
)

// openEngine reads an image of the engine that DOCKER_HOST or the docker context in use names, or of the one at the default
// address.
func openEngine(ctx context.Context, word string) (image.Index, func(), error) {
	found, err := engine.Connect(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer found.Client().Close()
	stream, err := found.Client().ImageSave(ctx, []string{word})
	if err != nil {
		return nil, nil, err
	}
	defer stream.Close()
	return openTar(word, stream)
}
