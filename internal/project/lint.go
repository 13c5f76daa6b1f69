package project

import (
	"cmp"
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

// repeatLint repeats a linter that has no command of its own.
const repeatLint = "go tool mage lint"

// Lint runs all that reads files and starts nothing: rendered files against their templates, the rules for Dockerfiles, Go
// for every system, workflows. Linters of the services' languages are in the test stages of their Dockerfiles.
func (p Project) Lint(ctx context.Context) error {
	return p.steps(ctx, p.linters(sync.OnceValues(p.catalog)))
}

// linters are the steps of Lint for the repository that load returns.
func (p Project) linters(load func() (catalog.Repository, error)) []step {
	return append([]step{
		{"rendered files match the templates", repeatLint, func(context.Context) error { return p.drift(load) }},
		{"rules for Dockerfiles", repeatLint, func(context.Context) error { return p.lintDockerfiles(load) }},
		{"actionlint", repeatLint, func(ctx context.Context) error { return p.tool(ctx, "actionlint", []string{"."}) }},
	}, p.goLinters(moduleFolders)...)
}

// goLinters are the linters of the Go modules in folders.
func (p Project) goLinters(folders []string) []step {
	return []step{
		{"Go modules are tidy", repeatLint, func(ctx context.Context) error { return p.tidy(ctx, folders) }},
		{"go vet, for Linux, macOS and Windows", repeatLint, func(ctx context.Context) error { return p.vet(ctx, folders) }},
		{"golangci-lint", repeatLint, func(ctx context.Context) error { return p.golangci(ctx, folders) }},
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
	path, err := p.pinned(ctx, name)
	if err != nil {
		return err
	}
	var errs []error
	for _, dir := range dirs {
		err := command.Command{
			Args: append([]string{path}, args...), Dir: filepath.Join(p.Root, dir),
			Env: command.Env("GOWORK=off"), Stdout: p.Progress, Stderr: p.Progress,
		}.Run(ctx)
		if err != nil {
			err = fmt.Errorf("%s in %s: %w", name, dir, cmp.Or(errors.Unwrap(err), err)) // without the path of the program
			again, _ := filepath.Rel(filepath.Join(p.Root, dir), filepath.Join(p.Root, "tools", name, "go.mod"))
			err = repeatable{err, goWords(dir, nil, append([]string{"tool", "-modfile=" + filepath.ToSlash(again), name}, args...))}
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// pinned is the path of a program that is pinned in a module of its own below tools/, compiled unless it was before.
func (p Project) pinned(ctx context.Context, name string) (string, error) {
	path, err := command.Command{
		Args: []string{"go", "-C", filepath.Join(p.Root, "tools", name), "tool", "-n", name}, Env: command.Env("GOWORK=off"), Stderr: p.Progress,
	}.Output(ctx)
	return strings.TrimSpace(path), err
}

// inModules calls run for each Go module in folders.
func (p Project) inModules(ctx context.Context, folders []string, run func(ctx context.Context, dir string) error) error {
	dirs, err := p.modules(folders)
	if err != nil {
		return err
	}
	var errs []error
	for _, dir := range dirs {
		errs = append(errs, run(ctx, dir))
	}
	return errors.Join(errs...)
}

// goCommand runs the go command in a module's folder, with its own go.mod alone.
func (p Project) goCommand(ctx context.Context, dir string, env []string, args ...string) error {
	err := command.Command{
		Args: append([]string{"go"}, args...), Dir: filepath.Join(p.Root, dir),
		Env: command.Env(append(slices.Clone(env), "GOWORK=off")...), Stdout: p.Progress, Stderr: p.Progress,
	}.Run(ctx)
	if err != nil {
		return repeatable{fmt.Errorf("module %s: %w", dir, err), goWords(dir, env, args)}
	}
	return nil
}

// goWords are the words that run goCommand again in a shell, in the repository's root.
func goWords(dir string, env, args []string) string {
	words := []string{"go"}
	if dir != "." {
		words = append(words, "-C", filepath.ToSlash(dir))
	}
	return strings.Join(append(slices.Clone(env), "GOWORK=off", command.Command{Args: append(words, args...)}.String()), " ")
}
