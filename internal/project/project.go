// Package project is what can be done with a repository: each verb of the magefile is one call here.
package project

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"example.com/stagecraft/internal/build"
	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/engine"
	"example.com/stagecraft/internal/render"
)

// Project is a repository, the builder that buildx shall use there (empty: the engine's), the revision that narrows Build,
// Test and Audit to services which changes since then affect (empty: none), and where its verbs write: results to Out,
// progress to Progress.
type Project struct {
	Root     string
	Builder  string
	Since    string
	Out      io.Writer
	Progress io.Writer
}

// Here is the repository of the current folder, which is where mage runs.
func Here() (Project, error) {
	root, err := filepath.Abs(".")
	if err != nil {
		return Project{}, fmt.Errorf("find the repository: %w", err)
	}
	return Project{Root: root, Builder: os.Getenv(build.BuilderSetting), Out: os.Stdout, Progress: os.Stderr}, nil
}

// Build builds the named services for the named platforms (comma-separated; empty: all) and writes the table of sizes.
func (p Project) Build(ctx context.Context, services, platforms string) error {
	services, ok, err := p.narrow(ctx, services)
	if !ok {
		return err
	}
	builder, sel, _, err := p.builder(ctx, services, platforms)
	if err == nil {
		_, err = p.build(ctx, builder, sel)
	}
	// What an interruption stopped is not to blame for it.
	if err != nil && ctx.Err() != nil {
		return errors.New("build: interrupted; the last good images are untouched; run the same command again to continue")
	}
	return err
}

func (p Project) build(ctx context.Context, builder *build.Builder, sel build.Selection) (build.Result, error) {
	result, err := builder.Build(ctx, sel)
	if err != nil {
		return build.Result{}, err
	}
	return result, result.Table(p.Out)
}

// PrintBuild writes the bake command of a build instead of running it.
func (p Project) PrintBuild(ctx context.Context, services, platforms string) error {
	services, ok, err := p.narrow(ctx, services)
	if !ok {
		return err
	}
	builder, sel, _, err := p.builder(ctx, services, platforms)
	if err != nil {
		return err
	}
	return builder.Print(ctx, sel, p.Out)
}

// builder finds all that a build needs; the first line of progress comes before anything slow. The engine is absent where
// another builder is named and none runs: none is started only to be given images.
func (p Project) builder(ctx context.Context, services, platforms string) (*build.Builder, build.Selection, *engine.Engine, error) {
	find := engine.Find
	if p.Builder != "" {
		find = engine.FindRunning
	}
	return p.builderWith(ctx, find, services, platforms)
}

// builderAndEngine is builder for verbs that start containers here, whoever builds.
func (p Project) builderAndEngine(ctx context.Context, services, platforms string) (*build.Builder, build.Selection, *engine.Engine, error) {
	return p.builderWith(ctx, engine.Find, services, platforms)
}

func (p Project) builderWith(
	ctx context.Context, find func(context.Context, string, io.Writer) (*engine.Engine, error), services, platforms string,
) (*build.Builder, build.Selection, *engine.Engine, error) {
	sel, err := p.selection(services, platforms)
	if err != nil {
		return nil, build.Selection{}, nil, err
	}
	what := sel.String()
	if n := len(sel.Services); n > 4 {
		what = fmt.Sprintf("%d services", n)
	}
	p.say("%s for %s", what, join(sel.Platforms))
	e, err := find(ctx, p.Root, p.Progress)
	if err != nil {
		return nil, build.Selection{}, nil, err
	}
	builder, err := build.New(ctx, p.Root, e, p.Builder, p.Progress)
	return builder, sel, e, err
}

// selection is what is named of the services and the examples (comma-separated; empty: all services).
func (p Project) selection(services, platforms string) (build.Selection, error) {
	all, err := catalog.Load(p.Root)
	if err != nil {
		return build.Selection{}, err
	}
	return build.Select(all, services, platforms)
}

// Render writes every file that is rendered from the catalog and the templates, and names those that changed.
func (p Project) Render() error {
	repository, err := catalog.Load(p.Root)
	if err != nil {
		return err
	}
	changed, err := render.Write(p.Root, repository)
	if err != nil {
		return err
	}
	for _, file := range changed {
		fmt.Fprintln(p.Out, "wrote", file)
	}
	if len(changed) == 0 {
		fmt.Fprintln(p.Out, "every rendered file is up to date")
	}
	return nil
}

func (p Project) say(format string, args ...any) {
	fmt.Fprintf(p.Progress, "stagecraft: "+format+"\n", args...)
}

func join[S ~string](list []S) string {
	words := make([]string, len(list))
	for i, s := range list {
		words[i] = string(s)
	}
	return strings.Join(words, ", ")
}
