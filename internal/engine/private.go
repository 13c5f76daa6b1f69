package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"example.com/stagecraft/internal/command"
)

// Errors of a repository that does without the folder bare/.
var (
	// ErrNoPrivate is of who needs an engine.
	ErrNoPrivate = errors.New("no container engine answers, and this repository has no bare/ to make one; start Docker or name an engine in DOCKER_HOST")
	errNoBare    = errors.New("this repository has no bare/, which makes private engines and stand-ins for base images")
)

// Bare is the program in the folder bare/, which gives a bare machine an engine and base images. It is another process
// and another module so that a repository can do without it: delete the folder, and nothing else changes.
type Bare struct {
	root string
}

// NewBare is the program of the repository at root.
func NewBare(root string) Bare { return Bare{root: root} }

// Exists reports whether the repository has the program.
func (b Bare) Exists() bool { return isDir(filepath.Join(b.root, "bare")) }

// Run runs a verb of the program: progress and its error's line go to progress, its answer, one JSON value, to answer
// unless that is nil.
func (b Bare) Run(ctx context.Context, progress io.Writer, answer any, verb ...string) error {
	if !b.Exists() {
		return fmt.Errorf("bare %s: %w", strings.Join(verb, " "), errNoBare)
	}
	// Built and then run: `go run` would add a line of its own to a failure.
	program := filepath.Join(b.root, "out", "bin", "bare")
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	err := command.Command{
		Args:   []string{"go", "-C", filepath.Join(b.root, "bare"), "build", "-o", program, "."},
		Env:    command.Env("GOWORK=off", "GOFLAGS=", "GOOS", "GOARCH"),
		Stderr: progress,
	}.Run(ctx)
	if err != nil {
		return fmt.Errorf("build the program in bare/: %w", err)
	}
	out, err := command.Command{Args: append([]string{program}, verb...), Stderr: progress}.Output(ctx)
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("bare %s: interrupted; run the same command again to continue", strings.Join(verb, " "))
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 1 {
		return fmt.Errorf("bare %s failed, for the reason in the line above", strings.Join(verb, " "))
	}
	if err != nil {
		return err
	}
	if answer == nil {
		return nil
	}
	if err := json.Unmarshal([]byte(out), answer); err != nil {
		return fmt.Errorf("understand the answer of bare %s: %w", strings.Join(verb, " "), err)
	}
	return nil
}

// private is the private engine, started when it does not run.
func private(ctx context.Context, root string, progress io.Writer) (*Engine, error) {
	var up struct {
		Host   string `json:"host"`
		Buildx string `json:"buildx"`
	}
	bare := NewBare(root)
	if !bare.Exists() {
		return nil, ErrNoPrivate
	}
	if err := bare.Run(ctx, progress, &up, "engine", "up"); err != nil {
		return nil, err
	}
	e := &Engine{Host: up.Host, Buildx: []string{up.Buildx}, Private: true}
	if err := e.connect(ctx); err != nil {
		return nil, fmt.Errorf("reach the private engine at %s: %w; see `go tool mage engine:status`", e.Host, err)
	}
	return e, nil
}

// privateRuns reports whether the private engine runs, and starts nothing.
func privateRuns(ctx context.Context, root string, progress io.Writer) bool {
	var status struct {
		State string `json:"state"`
	}
	return NewBare(root).Run(ctx, progress, &status, "engine", "status") == nil && status.State == "running"
}
