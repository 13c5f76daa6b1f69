package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"example.com/stagecraft/bare/internal/lock"
	"example.com/stagecraft/bare/internal/say"
)

// Compose makes Docker Compose for a machine that has none, and a folder of
// docker's settings in which it finds its buildx.
func (h Home) Compose(ctx context.Context, tell say.Func) (Compose, error) {
	unlock, err := lock.Take(ctx, h.lockFile(), func() { tell("another command compiles for %s; waiting for it", h) })
	if err != nil {
		return Compose{}, err
	}
	defer unlock()
	if err := os.MkdirAll(string(h), 0o711); err != nil {
		return Compose{}, fmt.Errorf("making the engine's folder: %w; set STAGECRAFT_HOME to a folder that can be written", err)
	}
	plugins := filepath.Join(h.compose(), "cli-plugins")
	if todo := missingIn(plugins, composePrograms); len(todo) > 0 {
		tell("Docker Compose %s is compiled from pinned Go modules, once: about 2 minutes on two cores", pinned("compose", "github.com/docker/compose/v5"))
		if err := h.compileInto(ctx, plugins, todo, tell); err != nil {
			return Compose{}, err
		}
	}
	if err := linkSettings(h.compose()); err != nil {
		return Compose{}, fmt.Errorf("giving Compose docker's settings: %w", err)
	}
	return Compose{Program: filepath.Join(plugins, "docker-compose"), Config: h.compose()}, nil
}

// linkSettings links what docker's own folder of settings has, such as the
// passwords of registries, into another folder, but for the plugins.
func linkSettings(to string) error {
	from := os.Getenv("DOCKER_CONFIG")
	if from == "" {
		home, _ := os.UserHomeDir() // without a home there are no settings either
		from = filepath.Join(home, ".docker")
	}
	from, err := filepath.Abs(from)
	if err != nil {
		return err
	}
	entries, err := os.ReadDir(from)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, e := range entries {
		link := filepath.Join(to, e.Name())
		if info, err := os.Lstat(link); err == nil && info.Mode()&fs.ModeSymlink != 0 {
			if err := os.Remove(link); err != nil { // it may lead to another folder of settings
				return err
			}
		}
		if err := os.Symlink(filepath.Join(from, e.Name()), link); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return nil
}
