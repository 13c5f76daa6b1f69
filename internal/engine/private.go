package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"example.com/stagecraft/internal/command"
)

// ErrNoPrivate is the error of all that needs the folder bare/ when a repository does without it.
var ErrNoPrivate = errors.New("no container engine answers, and this repository has no bare/ to make one; start Docker or name an engine in DOCKER_HOST")

// Bare is the program in the folder bare/, which gives a bare machine an engine and base images. It is another process
// and another module so that a repository can do without it: delete the folder, and nothing else changes.
type Bare struct {
	root string
}

// NewBare is the program of the repository at root.
func NewBare(root string) Bare { return Bare{root: root} }

// Exists tells whether the repository has the program.
func (b Bare) Exists() bool { return isDir(filepath.Join(b.root, "bare")) }

// Run runs a verb of the program: progress and its error's line go to progress, its answer, one JSON value, to answer
// unless that is nil.
func (b Bare) Run(ctx context.Context, progress io.Writer, answer any, verb ...string) error {
	if !b.Exists() {
		return ErrNoPrivate
	}
	out, err := command.Command{
		Args:   append([]string{"go", "-C", filepath.Join(b.root, "bare"), "run", "."}, verb...),
		Env:    command.Env("GOWORK=off", "GOFLAGS=", "GOOS", "GOARCH"),
		Stderr: progress,
	}.Output(ctx)
	if err != nil {
		return err
	}
	if answer == nil {
		return nil
	}
	if err := json.Unmarshal([]byte(out), answer); err != nil {
		return fmt.Errorf("understand the answer of `bare %v`: %w", verb, err)
	}
	return nil
}

// private is the private engine, started when it does not run.
func private(ctx context.Context, root string, progress io.Writer) (*Engine, error) {
	var up struct {
		Host   string `json:"host"`
		Buildx string `json:"buildx"`
	}
	if err := NewBare(root).Run(ctx, progress, &up, "engine", "up"); err != nil {
		return nil, err
	}
	e := &Engine{Host: up.Host, Buildx: []string{up.Buildx}, Private: true}
	if err := e.connect(ctx); err != nil {
		return nil, fmt.Errorf("reach the private engine at %s: %w; see `go tool mage engine:status`", e.Host, err)
	}
	return e, nil
}
