package project

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"example.com/stagecraft/internal/audit"
	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/command"
	"example.com/stagecraft/internal/lint"
	"example.com/stagecraft/internal/render"
)

// Lint runs all that reads files and starts nothing: rendered files against their templates, the rules for Dockerfiles, Go
// for every system, workflows. Linters of the services' languages are in the test stages of their Dockerfiles.
func (p Project) Lint(ctx context.Context) error {
	return p.steps(ctx, p.linters(sync.OnceValues(p.catalog)))
}

// linters are the steps of Lint for the repository that load returns.
func (p Project) linters(load func() (catalog.Repository, error)) []step {
	return append([]step{
		{"rendered files match the templates", func(context.Context) error { return p.drift(load) }},
		{"rules for Dockerfiles", func(context.Context) error { return p.lintDockerfiles(load) }},
	}, append(p.goLinters(moduleFolders), step{"actionlint", func(ctx context.Context) error { return p.tool(ctx, "actionlint", []string{"."}) }})...)
}

// goLinters are the linters of the Go modules in folders.
func (p Project) goLinters(folders []string) []step {
	return []step{
		{"go vet, for Linux, macOS and Windows", func(ctx context.Context) error { return p.vet(ctx, folders) }},
		{"Go modules are tidy", func(ctx context.Context) error { return p.tidy(ctx, folders) }},
		{"golangci-lint", func(ctx context.Context) error { return p.golangci(ctx, folders) }},
	}
}

func (p Project) drift(load func() (catalog.Repository, error)) error {
	repository, err := load()
	if err != nil {
		return err
	}
	return render.Check(p.Root, repository)
}

func (p Project) lintDockerfiles(load func() (catalog.Repository, error)) error {
	repository, err := load()
	if err != nil {
		return err
	}
	report, err := lint.Services(p.Root, repository.All(), audit.Rules)
	if err != nil {
		return err
	}
	return p.report(report)
}

func (p Project) vet(ctx context.Context, folders []string) error {
	return p.inModules(ctx, folders, func(ctx context.Context, dir string) error {
		var errs []error
		for _, system := range []string{"linux", "darwin", "windows"} {
			errs = append(errs, p.goCommand(ctx, dir, []string{"GOOS=" + system}, "vet", "./..."))
		}
		return errors.Join(errs...)
	})
}

func (p Project) tidy(ctx context.Context, folders []string) error {
	return p.inModules(ctx, folders, func(ctx context.Context, dir string) error {
		return p.goCommand(ctx, dir, nil, "mod", "tidy", "-diff")
	})
}

func (p Project) golangci(ctx context.Context, folders []string) error {
	dirs, err := p.modules(folders)
	if err != nil {
		return err
	}
	return p.tool(ctx, "golangci-lint", dirs, "run", "--allow-parallel-runners", "./...")
}

// tool runs a program that is pinned in a module of its own below tools/, in each of dirs.
func (p Project) tool(ctx context.Context, name string, dirs []string, args ...string) error {
	pinned := filepath.Join(p.Root, "tools", name)
	path, err := command.Command{
		Args: []string{"go", "-C", pinned, "tool", "-n", name}, Env: command.Env("GOWORK=off"), Stderr: p.Progress,
	}.Output(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, dir := range dirs {
		errs = append(errs, command.Command{
			Args: append([]string{strings.TrimSpace(path)}, args...), Dir: filepath.Join(p.Root, dir),
			Env: command.Env("GOWORK=off"), Stdout: p.Progress, Stderr: p.Progress,
		}.Run(ctx))
	}
	return errors.Join(errs...)
}

// inModules calls run for each Go module in folders.
func (p Project) inModules(ctx context.Context, folders []string, run func(ctx context.Context, dir string) error) error {
	dirs, err := p.modules(folders)
	if err != nil {
		return err
	}
	var errs []error
	for _, dir := range dirs {
		if err := run(ctx, dir); err != nil {
			errs = append(errs, fmt.Errorf("module %s: %w", dir, err))
		}
	}
	return errors.Join(errs...)
}

// goCommand runs the go command in a module's folder, with its own go.mod alone.
func (p Project) goCommand(ctx context.Context, dir string, env []string, args ...string) error {
	return command.Command{
		Args: append([]string{"go"}, args...), Dir: filepath.Join(p.Root, dir),
		Env: command.Env(append(slices.Clone(env), "GOWORK=off")...), Stdout: p.Progress, Stderr: p.Progress,
	}.Run(ctx)
}
