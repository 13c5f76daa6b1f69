package project

import (
	"context"
	"fmt"
	"strings"

	"example.com/stagecraft/internal/audit"
	"example.com/stagecraft/internal/build"
	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/command"
	"example.com/stagecraft/internal/engine"
)

// Test proves the named services on the named platforms (comma-separated; empty: all), after building what changed. When
// all are asked for, it proves the tooling too.
func (p Project) Test(ctx context.Context, services, platforms string) error {
	services, ok, err := p.narrow(ctx, services)
	if !ok {
		return err
	}
	repository, err := p.catalog()
	if err != nil {
		return err
	}
	j, err := p.jobWithEngine(ctx, repository, services, platforms)
	if err != nil {
		return err
	}
	result, err := p.build(ctx, j)
	if err != nil {
		return err
	}
	all := services == "" && platforms == ""
	prove := p.proofs(j, all)
	if all {
		tooling := []step{
			{"unit tests of the tooling", func(ctx context.Context) error { return p.goTest(ctx, j.engine, ".", "-short", "./...") }},
			{"the tooling with a container engine", func(ctx context.Context) error {
				return p.goTest(ctx, j.engine, ".", "-count=1", "-timeout=80m", "-v", "./integration/tooling")
			}},
			{"builds in a private network", func(ctx context.Context) error {
				return p.goTest(ctx, j.engine, ".", "-count=1", "-timeout=20m", "./integration/network")
			}},
			{"figures in the README", func(context.Context) error { return p.checkDocs(result) }},
		}
		if engine.NewBare(p.Root).Exists() {
			tooling = append(tooling, step{"unit tests of bare/", func(ctx context.Context) error {
				return p.goTest(ctx, j.engine, "bare", "./...")
			}})
		}
		workflows := step{"linters that are not Go programs", j.Lint}
		prove = append(append(append(p.linters(func() (catalog.Repository, error) { return repository, nil }), workflows), tooling...), prove...)
	}
	if err := p.steps(ctx, prove); err != nil {
		return err
	}
	return j.NoteProven(j.sel, result.Digests)
}

// TestExamples proves the named examples (comma-separated; empty: all) on every platform, after building what changed.
func (p Project) TestExamples(ctx context.Context, examples string) error {
	repository, err := p.catalog()
	if err != nil {
		return err
	}
	if len(repository.Examples) == 0 {
		p.say("there are no examples")
		return nil
	}
	if examples == "" {
		examples = build.Selection{Services: repository.Examples}.String()
	}
	j, err := p.jobWithEngine(ctx, repository, examples, "")
	if err != nil {
		return err
	}
	result, err := p.build(ctx, j)
	if err != nil {
		return err
	}
	if err := p.steps(ctx, append(p.goLinters(exampleFolders), p.proofs(j, false)...)); err != nil {
		return err
	}
	return j.NoteProven(j.sel, result.Digests)
}

// Audit checks the images in out/images of the named services against the rules for images.
func (p Project) Audit(ctx context.Context, services string) error {
	services, ok, err := p.narrow(ctx, services)
	if !ok {
		return err
	}
	sel, err := p.selection(services)
	if err != nil {
		return err
	}
	p.say("rules for the images of %s", sel)
	return p.audit(sel.Services)
}

func (p Project) audit(services []catalog.Service) error {
	report, err := audit.Services(p.Root, services)
	if err != nil {
		return err
	}
	return p.report(report)
}

// proofs are the steps that prove the services of a job, which are built.
func (p Project) proofs(j *job, all bool) []step {
	return []step{
		{"rules for images, sizes among them", func(context.Context) error { return p.audit(j.sel.Services) }},
		{"the services' own linters and unit tests", j.test},
		{"the running services keep their promises", func(ctx context.Context) error { return p.integration(ctx, j.engine, j.sel, all) }},
	}
}

// integration runs the tests of integration/, which read from the catalog what to prove; narrowed when sel is not all.
func (p Project) integration(ctx context.Context, e *engine.Engine, sel build.Selection, all bool) error {
	args := []string{"-count=1", "-timeout=80m", "-v", "./integration"}
	if all {
		args = append(args, "-skip=^TestExamples$")
	} else {
		var services, platforms []string
		for _, s := range sel.Services {
			services = append(services, s.Name)
		}
		for _, platform := range sel.Platforms {
			platforms = append(platforms, platform.Arch())
		}
		args = append(args, fmt.Sprintf("-run=^Test(Services|Examples)$/^(%s)$/^(%s)$", strings.Join(services, "|"), strings.Join(platforms, "|")))
	}
	return p.goTest(ctx, e, ".", args...)
}

// goTest runs go test in a module's folder, with the race detector where there is a C compiler for it.
func (p Project) goTest(ctx context.Context, e *engine.Engine, dir string, args ...string) error {
	cgo, err := command.Command{Args: []string{"go", "env", "CGO_ENABLED"}}.Output(ctx)
	if err != nil {
		return err
	}
	test := []string{"test"}
	if strings.TrimSpace(cgo) == "1" {
		test = append(test, "-race")
	}
	return p.goCommand(ctx, dir, e.Changes(), append(test, args...)...)
}
