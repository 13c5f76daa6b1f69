package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/moby/moby/client"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/command"
)

// snapshotter is how an engine tells that it keeps images in containerd's store.
// Source: https://docs.docker.com/engine/storage/containerd/
const snapshotter = "io.containerd.snapshotter.v1"

// LegacyStore names the storage driver of an engine that keeps images in the store that Docker had before containerd's: the
// engine's own BuildKit then exports no OCI layouts, and a tag holds one platform. It is empty for an engine with
// containerd's store.
func (e *Engine) LegacyStore(ctx context.Context) (driver string, err error) {
	result, err := e.client.Info(ctx, client.InfoOptions{})
	if err != nil {
		return "", fmt.Errorf("ask the engine at %s about its image store: %w", e.Host, err)
	}
	for _, pair := range result.Info.DriverStatus {
		if pair[1] == snapshotter {
			return "", nil
		}
	}
	return result.Info.Driver, nil
}

// RunnablePlatforms are those of the catalog's platforms that the engine can run, its own first. Another than its own
// needs an emulator on the engine's machine, registered with the kernel.
func (e *Engine) RunnablePlatforms(ctx context.Context) ([]catalog.Platform, error) {
	out, err := command.Command{Args: append(slices.Clone(e.Buildx), "inspect", "default"), Env: e.Env()}.Output(ctx)
	if err != nil {
		return nil, fmt.Errorf("ask which platforms the engine at %s can run: %w", e.Host, err)
	}
	return parsePlatforms(out), nil
}

// parsePlatforms reads the line "Platforms: linux/amd64*, linux/arm64" of `buildx inspect`.
func parsePlatforms(out string) []catalog.Platform {
	var found []catalog.Platform
	for line := range strings.Lines(out) {
		list, ok := strings.CutPrefix(strings.TrimSpace(line), "Platforms:")
		if !ok {
			continue
		}
		for p := range strings.SplitSeq(list, ",") {
			platform := catalog.Platform(strings.TrimRight(strings.TrimSpace(p), "*"))
			if slices.Contains(catalog.Platforms, platform) && !slices.Contains(found, platform) {
				found = append(found, platform)
			}
		}
	}
	return found
}
