package engine

import (
	"context"
	"fmt"

	"github.com/moby/moby/client"

	"example.com/stagecraft/internal/catalog"
)

// Native is the engine's own platform. Another is emulated.
func (e *Engine) Native(ctx context.Context) (catalog.Platform, error) {
	version, err := e.client.ServerVersion(ctx, client.ServerVersionOptions{})
	if err != nil {
		return "", fmt.Errorf("ask the engine at %s for its platform: %w", e.Host, err)
	}
	return catalog.Platform(version.Os + "/" + version.Arch), nil
}
