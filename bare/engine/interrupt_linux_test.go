package engine

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/stagecraft/bare/internal/lock"
	"example.com/stagecraft/bare/internal/say"
)

func interrupted() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// emptyHome is a home whose folder is there.
func emptyHome(t *testing.T) Home {
	t.Helper()
	h := Home(filepath.Join(t.TempDir(), "engine"))
	if err := os.Mkdir(string(h), 0o711); err != nil {
		t.Fatal(err)
	}
	return h
}

// silentDaemon is a process that passes for the home's dockerd and answers nobody.
func silentDaemon(t *testing.T, h Home) (pid int) {
	t.Helper()
	cmd := exec.Command("sh")
	cmd.Args = []string{"dockerd", "-c", "read line", "--config-file=" + h.configFile()}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stdin.Close()
		cmd.Wait()
	})
	if h.find("dockerd") != cmd.Process.Pid {
		t.Fatal("it does not pass for dockerd")
	}
	return cmd.Process.Pid
}

// A command that is interrupted while another one works goes away at once.
func TestInterruptedWhileWaiting(t *testing.T) {
	for name, do := range map[string]func(Home, context.Context, say.Func) error{
		"up":       func(h Home, ctx context.Context, tell say.Func) error { _, err := h.Up(ctx, tell); return err },
		"buildkit": func(h Home, ctx context.Context, tell say.Func) error { _, err := h.BuildKit(ctx, tell); return err },
		"stop":     Home.Stop,
		"remove":   Home.Remove,
	} {
		t.Run(name, func(t *testing.T) {
			if err := allowed("linux", os.Geteuid(), capabilities()); err != nil && name == "up" {
				t.Skip(err)
			}
			h := emptyHome(t)
			unlock, err := lock.Take(context.Background(), h.lockFile(), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer unlock()
			ctx, cancel := context.WithCancel(context.Background())
			done := make(chan error, 1)
			go func() { done <- do(h, ctx, func(string, ...any) { cancel() }) }() // it tells that it waits
			select {
			case err := <-done:
				if err == nil || !strings.Contains(err.Error(), "interrupted") || !strings.Contains(err.Error(), h.lockFile()) {
					t.Errorf("error %v, want what it waited for and why no more", err)
				}
			case <-time.After(5 * time.Second):
				t.Fatal("it goes on waiting")
			}
		})
	}
}

// To an interrupted command no engine answers, not even one that works.
func TestInterruptedUpEndsNoEngine(t *testing.T) {
	h := emptyHome(t)
	pid := silentDaemon(t, h)
	start := time.Now()
	if _, err := h.await(interrupted()); !errors.Is(err, context.Canceled) {
		t.Errorf("waiting for its answer: error %v", err)
	}
	if _, err := h.bringUp(interrupted(), quiet); !errors.Is(err, errStartInterrupted) {
		t.Errorf("error %v, want %v", err, errStartInterrupted)
	}
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("that took %s", d)
	}
	if !alive(pid) {
		t.Error("the engine was ended")
	}
}

// Who is interrupted while containers end by themselves wants no more of it.
func TestInterruptedStopEndsNoEngine(t *testing.T) {
	h := emptyHome(t)
	pid := silentDaemon(t, h)
	if err := h.stop(interrupted()); err == nil || !strings.Contains(err.Error(), "interrupted") {
		t.Errorf("error %v", err)
	}
	if !alive(pid) {
		t.Error("the engine was ended")
	}
}
