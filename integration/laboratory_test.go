package integration

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/engine"
	"example.com/stagecraft/internal/run"
)

// laboratory is what all tests share: the engine, found once.
type laboratory struct {
	root     string // of the repository
	engine   *engine.Engine
	runner   *run.Runner
	native   catalog.Platform            // the engine's own
	whyNot   map[catalog.Platform]string // platforms that cannot run here, with the reason
	sigterms int                         // how often SIGTERM is tried while clients are at work
}

var lab laboratory

var openOnce = sync.OnceValue(func() error {
	root, err := filepath.Abs("..")
	if err != nil {
		return err
	}
	ctx := context.Background()
	found, err := engine.Find(ctx, root, os.Stderr)
	if err != nil {
		return err
	}
	listed, err := found.RunnablePlatforms(ctx)
	if err != nil {
		return err
	}
	runner, err := run.New(ctx, found, root)
	if err != nil {
		return err
	}
	removed, err := runner.Sweep(ctx)
	if err != nil {
		return err
	}
	if removed > 0 {
		fmt.Fprintf(os.Stderr, "removed %d containers and images that a former run of this checkout had left\n", removed)
	}
	lab = laboratory{root: root, engine: found, runner: runner, native: runner.Native(), whyNot: map[catalog.Platform]string{}, sigterms: *sigterms}
	for _, platform := range catalog.Platforms {
		if platform == lab.native {
			continue
		}
		runs := slices.Contains(listed, platform)
		if runs {
			if runs, err = lab.emulates(ctx, platform); err != nil {
				return err
			}
		}
		if !runs {
			lab.whyNot[platform] = fmt.Sprintf("this engine cannot run %s; on Debian, `apt-get install qemu-user-static binfmt-support` lets it", platform)
		}
	}
	return nil
})

// emulates tries a foreign platform with a program of our own. An engine lists what it found when it was started, and says
// nothing when the emulator has gone since; and of a service, the same failure would mean a program of the wrong kind.
func (l *laboratory) emulates(ctx context.Context, platform catalog.Platform) (bool, error) {
	service := fixture(unique("emulated"))
	if err := l.load(ctx, service.Name, platform, fixtureConfig()); err != nil {
		return false, err
	}
	container, err := l.runner.Start(ctx, run.Spec{Service: service, Platform: platform, Unprobed: true})
	if err != nil && strings.Contains(err.Error(), "exec format error") {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, container.Remove(ctx)
}

// open gives a test the engine. Without one the test fails; only -short lets it be.
func open(t *testing.T) *laboratory {
	t.Helper()
	if testing.Short() {
		t.Skip("needs a container engine; leave out -short to run it")
	}
	if err := openOnce(); err != nil {
		t.Fatal(err)
	}
	return &lab
}
