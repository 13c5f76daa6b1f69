// Package project is what can be done with a repository: each verb of the magefile is one call here.
package project

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"example.com/stagecraft/internal/build"
	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/render"
)

// Project is a repository, the builder that buildx shall use there (empty: the engine's), the revision that narrows Build,
// Test and Audit to services which changes since then affect (empty: none), whether Build starts from nothing, and where its
// verbs write: results to Out, progress to Progress.
type Project struct {
	Root     string
	Builder  string
	Since    string
	NoCache  bool
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
	j, err := p.job(ctx, services, platforms)
	if err == nil {
		_, err = p.build(ctx, j)
	}
	// What an interruption stopped is not to blame for it.
	if err != nil && ctx.Err() != nil {
		return errors.New("build: interrupted; the last good images are untouched; run the same command again to continue")
	}
	return err
}

func (p Project) build(ctx context.Context, j *job) (build.Result, error) {
	plan, err := j.planned(ctx)
	if err != nil {
		return build.Result{}, err
	}
	result, err := j.Build(ctx, plan)
	if err == nil {
		err = result.Table(p.Out)
	}
	if err != nil {
		return build.Result{}, err
	}
	p.writeNewer(result)
	return result, nil
}

// PrintBuild writes the bake command of a build instead of running it.
func (p Project) PrintBuild(ctx context.Context, services, platforms string) error {
	services, ok, err := p.narrow(ctx, services)
	if !ok {
		return err
	}
	j, err := p.job(ctx, services, platforms)
	if err != nil {
		return err
	}
	plan, err := j.planned(ctx)
	if err != nil {
		return err
	}
	return j.Print(ctx, plan, p.Out)
}

// selection is what is named of the services and the examples (comma-separated; empty: all services), for all platforms.
func (p Project) selection(services string) (build.Selection, error) {
	repository, err := p.catalog()
	if err != nil {
		return build.Selection{}, err
	}
	return build.Select(repository, services, "")
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

func (p Project) catalog() (catalog.Repository, error) { return catalog.Load(p.Root) }

// writeJSON writes an answer for programs.
func (p Project) writeJSON(answer any) error {
	encoder := json.NewEncoder(p.Out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(answer)
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
