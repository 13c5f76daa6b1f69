package main

import (
	"context"
	"time"

	"github.com/moby/moby/client"

	"example.com/stagecraft/internal/image"
)

// patience is how long an engine may take to say that it is there.
const patience = 3 * time.Second

// openEngine reads an image of the engine that DOCKER_HOST names, or of the one at the default address.
func openEngine(ctx context.Context, word string) (image.Index, func(), error) {
	engine, err := client.New(client.FromEnv)
	if err != nil {
		return nil, nil, err
	}
	defer engine.Close()
	brief, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if _, err := engine.Ping(brief, client.PingOptions{NegotiateAPIVersion: true}); err != nil {
		return nil, nil, err
	}
	stream, err := engine.ImageSave(ctx, []string{word})
	if err != nil {
		return nil, nil, err
	}
	defer stream.Close()
	return openTar(word, stream)
}
