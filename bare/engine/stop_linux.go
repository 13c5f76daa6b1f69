package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"example.com/stagecraft/bare/internal/lock"
	"example.com/stagecraft/bare/internal/say"
)

// Stop ends the engine and its containers. What it stored stays.
func (h Home) Stop(ctx context.Context, tell say.Func) error {
	if h.absent() {
		return nil
	}
	unlock, err := h.exclusive(ctx, tell)
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
	unlock, err := h.exclusive(ctx, tell)
	if err != nil {
		return err
	}
	defer unlock()
	emulator := h.readState().Emulate
	h.forgetBuilder(ctx)
	if err := h.stop(ctx); err != nil {
		return err
	}
	if err := unregister(emulator); err != nil {
		return err
	}
	// Deleting would go through what is mounted there.
	left, err := h.mounts()
	if err == nil && len(left) > 0 {
		err = fmt.Errorf("%s is still mounted", left[0])
	}
	if err == nil {
		err = os.RemoveAll(string(h))
	}
	if err != nil {
		return fmt.Errorf("removing the engine's folder: %w; see what uses it (`fuser -vm %s`), then run the same command again", err, h)
	}
	return os.RemoveAll(h.lockFile())
}

// forgetBuilder takes a builder in a container of this engine from buildx's
// list, where there is one: the container goes with the engine.
func (h Home) forgetBuilder(ctx context.Context) {
	const name = "stagecraft" // internal/build's, for an engine with the legacy store
	buildx := func(args ...string) string {
		cmd := exec.CommandContext(ctx, filepath.Join(h.bin(), "buildx"), args...)
		cmd.Env = append(os.Environ(), "DOCKER_HOST="+h.Host())
		out, _ := cmd.Output() // without buildx, or such a builder, there is nothing to forget
		return string(out)
	}
	if strings.Contains(buildx("inspect", "--timeout=5s", name), h.Host()+"\n") {
		buildx("rm", "--keep-daemon", name)
	}
}

func (h Home) exclusive(ctx context.Context, tell say.Func) (unlock func(), err error) {
	if len(h.owned()) > 0 && os.Geteuid() != 0 {
		return nil, fmt.Errorf("stopping the engine in %s: it belongs to root; run the command as root", h)
	}
	return lock.Take(ctx, h.lockFile(), func() { tell("another command uses the engine in %s; waiting for it", h) })
}

// stop ends the engine in good order: containers get time to end by themselves.
func (h Home) stop(ctx context.Context) error {
	patient, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	_ = dial(h.socket()).stopContainers(patient) // what does not end now is ended by halt
	if ctx.Err() != nil {
		return errors.New("stopping the engine: interrupted; run the same command again to go on")
	}
	h.halt(20 * time.Second)
	if err := h.removeFirewall(h.readState().Network.Firewall); err != nil {
		return err
	}
	return h.removeBridges()
}
