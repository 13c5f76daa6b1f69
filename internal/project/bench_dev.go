package project

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/moby/moby/client"

	"example.com/stagecraft/internal/bench"
	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/engine"
)

// BenchDev measures how long changes of the named services (comma-separated; empty: all) take until Dev shows them: of a line of the
// service, of a line of a library that it uses, and of its dependencies. With write, the table goes to docs/benchmarks.md too.
func (p Project) BenchDev(ctx context.Context, services string, write bool) error {
	if err := wholePage(services, write); err != nil {
		return err
	}
	sel, err := p.selection(services)
	if err != nil {
		return err
	}
	e, err := engine.Find(ctx, p.Root, p.Progress)
	if err != nil {
		return err
	}
	report := bench.NewDevReport()
	for _, s := range sel.Services {
		if s.Protocol != catalog.HTTP {
			p.say("%s is left out: it does not speak HTTP", s.Name)
			continue
		}
		if err := p.benchDev(ctx, e, s, report); err != nil {
			return fmt.Errorf("measure changes of %s: %w", s.Name, err)
		}
	}
	if err := report.Table.Write(p.Out); err != nil {
		return err
	}
	remarks := strings.Join(append(report.Remarks, p.machine()), "\n\n")
	fmt.Fprintln(p.Out, "\n"+remarks)
	if !write {
		return nil
	}
	return p.writeBench("dev", report.Table.Markdown()+"\n"+remarks)
}

// benchDev runs a service from a copy of the repository, whose project has a name of its own: the user's images and ports stay as they are.
func (p Project) benchDev(ctx context.Context, e *engine.Engine, s catalog.Service, report *bench.DevReport) (err error) {
	dir, remove, err := p.scratch()
	if err != nil {
		return err
	}
	defer remove()
	theirs := s.Project
	s.Project = fmt.Sprintf("%s-bench-%d", theirs, os.Getpid())
	if err := own(dir, theirs, s); err != nil {
		return err
	}
	if err := (Project{Root: dir, Out: p.Progress, Progress: p.Progress}).Render(); err != nil {
		return err
	}
	loop := bench.StartLoop(ctx, p.Progress, func(ctx context.Context, out io.Writer) error {
		return Project{Root: dir, Out: out, Progress: out}.Dev(ctx, s.Name)
	})
	defer func() {
		err = cmp.Or(err, loop.Stop())
		_, removed := e.Client().ImageRemove(context.WithoutCancel(ctx), s.Image(), client.ImageRemoveOptions{Force: true})
		err = cmp.Or(err, removed)
	}()
	return report.Add(ctx, e.Client(), loop, dir, s, p.say)
}

// own gives the copy in dir the project's name of s, and the service a free port.
func own(dir, theirs string, s catalog.Service) error {
	file := filepath.Join(dir, "project.yaml")
	facts, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("prepare a copy: %w", err)
	}
	renamed := strings.Replace(string(facts), "\nname: "+theirs+"\n", "\nname: "+s.Project+"\n", 1)
	if renamed == string(facts) {
		return fmt.Errorf("prepare a copy: project.yaml has no line %q", "name: "+theirs)
	}
	port := fmt.Sprintf("services:\n  %s:\n    ports: !override ['127.0.0.1::%d']\n", s.Name, s.Port)
	err = errors.Join(
		os.WriteFile(file, []byte(renamed), 0o600),
		os.WriteFile(filepath.Join(dir, "compose.override.yaml"), []byte(port), 0o600),
	)
	if err != nil {
		return fmt.Errorf("prepare a copy: %w", err)
	}
	return nil
}
