package engine

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"time"

	"example.com/stagecraft/bare/internal/say"
)

// compile builds what is missing of the engine's programs.
func (h Home) compile(ctx context.Context, tell say.Func) error {
	todo := h.missing()
	if len(todo) == 0 {
		return nil
	}
	if err := h.compileInto(ctx, h.bin(), todo, tell); err != nil {
		return err
	}
	return h.dropOtherSets()
}

// compileInto builds one program at a time, each into its place in a folder by
// a rename: an interrupted run leaves whole programs behind and the next run
// goes on from there.
func (h Home) compileInto(ctx context.Context, dir string, todo []program, tell say.Func) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("making the folder for the engine's programs: %w", err)
	}
	if err := enoughSpace(dir, compileSpace); err != nil {
		return err
	}
	for i, p := range todo {
		start := time.Now()
		label := fmt.Sprintf("compiling %s %s (%d of %d)", p.name, pinned(p.module, p.modulePath()), i+1, len(todo))
		tell("%s", label)
		stop := tell.Every(10*time.Second, label)
		err := h.compileOne(ctx, dir, p)
		stop()
		if err != nil {
			return err
		}
		tell("compiled %s in %s", p.name, time.Since(start).Round(time.Second))
	}
	return nil
}

func (h Home) compileOne(ctx context.Context, dir string, p program) error {
	src := filepath.Join(h.programs(), "compile-"+h.tag())
	defer os.RemoveAll(src)
	if err := os.MkdirAll(src, 0o755); err != nil {
		return fmt.Errorf("compiling %s: %w", p.name, err)
	}
	for name, ext := range map[string]string{"go.mod": ".mod", "go.sum": ".sum"} {
		if err := os.WriteFile(filepath.Join(src, name), moduleFile(p.module+ext), 0o644); err != nil {
			return fmt.Errorf("compiling %s: %w", p.name, err)
		}
	}
	built := filepath.Join(src, p.name)
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags="+p.linkFlags(), "-tags="+p.tags, "-o", built, p.pkg)
	cmd.Dir = src
	cgo := "CGO_ENABLED=0"
	if p.cgo {
		cgo = "CGO_ENABLED=1"
	}
	// The caller's settings for cross-compiling or vendoring are not meant for us.
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=", "GOOS=", "GOARCH=", cgo)
	// It must not go on writing there when this process is killed: the next
	// run compiles in the same place. The kernel ties the signal to the thread.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := cmd.CombinedOutput()
	if err != nil {
		return compileError(ctx, p, h.installLog(), out, err)
	}
	return os.Rename(built, filepath.Join(dir, p.name))
}

// compileError keeps the compiler's words in the log and shows the last line.
func compileError(ctx context.Context, p program, log string, out []byte, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("compiling %s: interrupted; run the same command again to go on", p.name)
	}
	if bytes.Contains(out, []byte("no space left on device")) {
		return fmt.Errorf("compiling %s: the disk is full; free some space (about %s) and run the same command again", p.name, say.Size(compileSpace))
	}
	if len(out) == 0 {
		return fmt.Errorf("compiling %s: %w", p.name, err)
	}
	if werr := os.WriteFile(log, out, 0o644); werr != nil {
		log = werr.Error()
	}
	return fmt.Errorf("compiling %s: %s (all of it: %s); run the same command again to go on", p.name, say.LastLine(out), log)
}

// dropOtherSets deletes the programs of earlier pins, half-compiled leftovers
// too, unless a running engine was started from them.
func (h Home) dropOtherSets() error {
	entries, err := os.ReadDir(h.programs())
	if err != nil {
		return err
	}
	if h.programs() != h.path("programs") {
		return nil // shared with engines whose pins we do not know
	}
	kept := []string{setKey(), h.readState().Set, filepath.Base(h.buildKit()), filepath.Base(h.compose())}
	for _, e := range entries {
		if !slices.Contains(kept, e.Name()) {
			os.RemoveAll(filepath.Join(h.programs(), e.Name()))
		}
	}
	return nil
}
