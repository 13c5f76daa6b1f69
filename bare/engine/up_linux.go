package engine

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"example.com/stagecraft/bare/internal/apt"
	"example.com/stagecraft/bare/internal/lock"
	"example.com/stagecraft/bare/internal/say"
)

// Up makes sure that the engine is installed and runs.
func (h Home) Up(ctx context.Context, tell say.Func) (Address, error) {
	if err := allowed("linux", os.Geteuid(), capabilities()); err != nil {
		return Address{}, err
	}
	if address, ok := h.answering(ctx); ok {
		return address, nil
	}
	unlock, err := lock.Take(ctx, h.lockFile(), func() {
		tell("another command is bringing up the engine in %s; waiting for it", h)
	})
	if err != nil {
		return Address{}, err
	}
	defer unlock()
	if address, ok := h.answering(ctx); ok {
		return address, nil // the other command did it
	}
	if err := os.MkdirAll(string(h), 0o711); err != nil {
		return Address{}, fmt.Errorf("making the engine's folder: %w; set STAGECRAFT_HOME to a folder that can be written", err)
	}
	if err := h.install(ctx, tell); err != nil {
		return Address{}, err
	}
	api, err := h.bringUp(ctx, tell)
	if err != nil {
		return Address{}, err
	}
	return h.address(api), nil
}

// answering is the quick way: the engine runs and its client is there.
func (h Home) answering(ctx context.Context) (Address, bool) {
	api, err := dial(h.socket()).ping(ctx)
	if err != nil || len(h.missing()) > 0 {
		return Address{}, false
	}
	return h.address(api), true
}

func (h Home) address(api string) Address {
	return Address{Host: h.Host(), Buildx: filepath.Join(h.bin(), "buildx"), API: api}
}

// install brings what the engine needs of the system, and its programs.
func (h Home) install(ctx context.Context, tell say.Func) error {
	programs := h.missing()
	packages := missingPackages(h.packages(programs))
	if len(packages) == 0 && len(programs) == 0 {
		return nil
	}
	h.announce(tell, packages, programs)
	if err := apt.Install(ctx, packages, tell); err != nil {
		return err
	}
	return h.compile(ctx, tell)
}

// bringUp starts the engine, or finds it running after all.
func (h Home) bringUp(ctx context.Context, tell say.Func) (api string, err error) {
	if pid := h.find("dockerd"); pid != 0 {
		if api, err := h.await(ctx); err == nil {
			if h.readState().Set != setKey() {
				tell("the engine that runs was made from earlier pins; `go tool mage engine:stop` lets the next command start the new one")
			}
			return api, nil
		}
		if ctx.Err() == nil {
			tell("the engine (process %d) does not answer; starting it again", pid)
		}
	}
	// No engine answers an interrupted command: this one may serve others well.
	if ctx.Err() != nil {
		return "", errStartInterrupted
	}
	h.halt(2 * time.Second) // what is left does not answer
	last := h.readState()
	now, err := h.ensureNetwork(ctx, state{Set: setKey(), Version: mobyVersion(), Network: last.Network, Emulate: last.Emulate})
	if err != nil {
		return "", err
	}
	overlay := overlays(string(h))
	if !overlay {
		tell("note: overlay file systems do not work in %s, so layers are copied, which is slow; set STAGECRAFT_HOME to a folder on a volume", h)
	}
	if err := h.writeConfig(now.Network, overlay); err != nil {
		return "", err
	}
	entry, err := emulate(ctx, tell)
	if entry != "" {
		now.Emulate = entry
	}
	now.Started = time.Now().UTC()
	if err := h.writeState(now); err != nil {
		_ = unregister(entry) // nobody would know that it is ours
		return "", err
	}
	if ctx.Err() != nil {
		return "", errStartInterrupted
	}
	if err != nil {
		tell("note: containers of the other platform cannot run here (%v); builds do not need them, and tests say what they leave out", err)
	}
	tell("starting the engine in %s", h)
	return h.start(ctx)
}

// await gives an engine that is just starting time to answer.
func (h Home) await(ctx context.Context) (api string, err error) {
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline) && h.find("dockerd") != 0; {
		if api, err = dial(h.socket()).ping(ctx); err == nil {
			return api, nil
		}
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		time.Sleep(50 * time.Millisecond)
	}
	return "", fmt.Errorf("no answer on %s: %w", h.socket(), err)
}
