package project

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/command"
	"example.com/stagecraft/internal/render"
	"example.com/stagecraft/internal/rules"
)

// Lint runs all that reads files and starts nothing: rendered files against their templates, the rules for Dockerfiles, Go
// for every system, workflows. Linters of the services' languages are in the test stages of their Dockerfiles.
func (p Project) Lint(ctx context.Context) error {
	return p.steps(ctx, p.linters())
}

func (p Project) linters() []step {
	return []step{
		{"rendered files are what the templates say", func(context.Context) error { return p.drift() }},
		{"rules for Dockerfiles", func(context.Context) error { return p.lintDockerfiles() }},
		{"go vet, for Linux, macOS and Windows", p.vet},
		{"Go modules are tidy", p.tidy},
		{"golangci-lint", p.golangci},
		{"actionlint", func(ctx context.Context) error { return p.tool(ctx, "actionlint", []string{"."}) }},
	}
}

func (p Project) drift() error {
	services, err := catalog.Load(p.Root)
	if err != nil {
		return err
	}
	return render.Check(p.Root, services)
}

func (p Project) lintDockerfiles() error {
	services, err := catalog.Load(p.Root)
	if err != nil {
		return err
	}
	report, err := rules.LintServices(p.Root, services)
	if err != nil {
		return err
	}
	return p.report(report)
}

func (p Project) vet(ctx context.Context) error {
	return p.inModules(ctx, func(ctx context.Context, dir string) error {
		var errs []error
		for _, system := range []string{"linux", "darwin", "windows"} {
			errs = append(errs, p.goCommand(ctx, dir, []string{"GOOS=" + system}, "vet", "./..."))
		}
		return errors.Join(errs...)
	})
}

func (p Project) tidy(ctx context.Context) error {
	return p.inModules(ctx, func(ctx context.Context, dir string) error {
		return p.goCommand(ctx, dir, nil, "mod", "tidy", "-diff")
	})
}

func (p Project) golangci(ctx context.Context) error {
	dirs, err := p.modules()
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

// inModules calls run for each Go module of the repository.
func (p Project) inModules(ctx context.Context, run func(ctx context.Context, dir string) error) error {
	dirs, err := p.modules()
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
