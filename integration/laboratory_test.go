package integration

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/engine"
	"example.com/stagecraft/internal/run"
)

// laboratory is what all tests share: the engine, found once.
type laboratory struct {
	root     string // of the repository
	runner   *run.Runner
	native   catalog.Platform   // the engine's own
	runnable []catalog.Platform // native and emulated
	sigterms int                // how often SIGTERM is tried while clients are at work
}

var lab laboratory

// why tells why a platform cannot run here, or nothing when it can.
func (l *laboratory) why(platform catalog.Platform) string {
	if slices.Contains(l.runnable, platform) {
		return ""
	}
	return fmt.Sprintf("this engine cannot run %s; on Debian, `apt-get install qemu-user-static binfmt-support` lets it", platform)
}

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
	runnable, err := found.RunnablePlatforms(ctx)
	if err != nil {
		return err
	}
	runner, err := run.New(ctx, found, root)
	if err != nil {
		return err
	}
	lab = laboratory{root: root, runner: runner, native: runner.Native(), runnable: runnable, sigterms: sigterms}
	removed, err := runner.Sweep(ctx)
	if removed > 0 {
		fmt.Fprintf(os.Stderr, "removed %d containers and images that a former run of this checkout had left\n", removed)
	}
	return err
})

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
