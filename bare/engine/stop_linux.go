package engine

import (
	"context"
	"fmt"
	"os"
	"time"

	"example.com/stagecraft/bare/internal/lock"
	"example.com/stagecraft/bare/internal/say"
)

// Stop ends the engine and its containers. What it stored stays.
func (h Home) Stop(ctx context.Context, tell say.Func) error {
	if h.absent() {
		return nil
	}
	unlock, err := h.exclusive(tell)
	if err != nil {
		return err
	}
	defer unlock()
	return h.stop(ctx)
}

// Remove stops the engine and deletes all of it. Debian packages stay: others
// may use them by now.
func (h Home) Remove(ctx context.Context, tell say.Func) error {
	if h.absent() {
		return nil
	}
	unlock, err := h.exclusive(tell)
	if err != nil {
		return err
	}
	defer unlock()
	emulator := h.readState().Emulate
	if err := h.stop(ctx); err != nil {
		return err
	}
	if err := unregister(emulator); err != nil {
		return err
	}
	if err := os.RemoveAll(string(h)); err != nil {
		return fmt.Errorf("removing the engine's folder: %w; see what holds it (`fuser -vm %s`), then run the same command again", err, h)
	}
	return os.RemoveAll(h.lockFile())
}

func (h Home) exclusive(tell say.Func) (unlock func(), err error) {
	if len(h.owned()) > 0 && os.Geteuid() != 0 {
		return nil, fmt.Errorf("stopping the engine in %s: it belongs to root; run the command as root", h)
	}
	return lock.Take(h.lockFile(), func() { tell("another command uses the engine in %s; waiting for it", h) })
}

// stop ends the engine in good order: containers get time to end by themselves.
func (h Home) stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	_ = dial(h.socket()).stopContainers(ctx) // what does not end now is ended by halt
	h.halt(20 * time.Second)
	if err := h.removeFirewall(h.readState().Network.Firewall); err != nil {
		return err
	}
	return h.removeBridges()
}
