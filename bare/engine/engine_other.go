//go:build !linux

package engine

import (
	"context"
	"errors"
	"runtime"

	"example.com/stagecraft/bare/internal/say"
)

// Up fails with the ways to get Docker on this system.
func (h Home) Up(context.Context, say.Func) (Address, error) {
	return Address{}, allowed(runtime.GOOS, 0, 0)
}

// Status says that there is no private engine: there never is one here.
func (h Home) Status(context.Context) (Status, error) { return Status{State: "absent"}, nil }

// Stop has nothing to do here.
func (h Home) Stop(context.Context, say.Func) error { return nil }

// Remove has nothing to do here.
func (h Home) Remove(context.Context, say.Func) error { return nil }

// Compose fails with the way to get it on this system.
func (h Home) Compose(context.Context, say.Func) (Compose, error) {
	return Compose{}, errors.New("compiling Docker Compose: that needs Linux; install it: https://docs.docker.com/compose/install/")
}

// BuildKit fails: its programs are Linux's, one of them with C in it.
func (h Home) BuildKit(context.Context, say.Func) (BuildKit, error) {
	return BuildKit{}, errors.New("making an image of BuildKit: that needs Linux; let the engine pull moby/buildkit, or name a builder of yours in STAGECRAFT_BUILDER")
}
