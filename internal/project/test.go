package project

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"

	"example.com/stagecraft/internal/audit"
	"example.com/stagecraft/internal/build"
	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/command"
	"example.com/stagecraft/internal/deploy"
	"example.com/stagecraft/internal/engine"
	"example.com/stagecraft/internal/gotest"
)

// Test proves the named services on the named platforms (comma-separated; empty: all), after building what changed. When
// all are asked for, it proves the tooling too. What fails soonest comes first.
func (p Project) Test(ctx context.Context, services, platforms string) error {
	services, ok, err := p.narrow(ctx, services)
	if !ok {
		return err
	}
	all := services == "" && platforms == ""
	if _, err := os.Stat(build.Layout(p.Root, "")); all && errors.Is(err, fs.ErrNotExist) {
		p.say("the first time, linters and compilers, base images and packages are made ready: allow an hour on two processors; " +
			"later runs take a third of that")
	}
	repository, err := p.catalog()
	if err != nil {
		return err
	}
	j, err := p.jobWithEngine(ctx, repository, services, platforms)
	if err != nil {
		return err
	}
	built := &images{p: p, job: j}
	var before, after []step
	if all {
		before = append(p.linters(func() (catalog.Repository, error) { return repository, nil }), step{"unit tests of the tooling", "go tool mage test", func(ctx context.Context) error {
			return p.goTest(ctx, j.engine, gotest.Run{Dir: ".", Flags: []string{"-short"}, Packages: []string{"./..."}})
		}})
		if engine.NewBare(p.Root).Exists() {
			before = append(before, step{"unit tests of bare/", "go tool mage test", func(ctx context.Context) error {
				return p.goTest(ctx, j.engine, gotest.Run{Dir: "bare", Packages: []string{"./..."}})
			}})
		}
		if deploy.Exists(p.Root) {
			before = append(before, step{"manifests for Kubernetes", "go tool mage test", func(ctx context.Context) error {
				return p.goTest(ctx, j.engine, gotest.Run{Dir: "tools/kubernetes", Packages: []string{"./..."}})
			}})
		}
		before = append(before, step{"linters that are not Go programs", "docker build -f tools/lint/Dockerfile .", j.Lint})
		after = []step{
			{"builds in a private network", "go tool mage test", func(ctx context.Context) error {
				return p.goTest(ctx, j.engine, gotest.Run{Dir: ".", Flags: []string{"-count=1"}, Packages: []string{"./integration/network"}})
			}},
			{"the tooling with a container engine", "go tool mage test", func(ctx context.Context) error {
				return p.goTest(ctx, j.engine, gotest.Run{Dir: ".", Flags: []string{"-count=1"}, Packages: []string{"./integration/tooling"}})
			}},
		}
	}
	proofs := p.proofs(built, all)
	if all {
		proofs = slices.Insert(proofs, 1, step{"figures in the README", "go tool mage docs", built.then(func(context.Context) error {
			return p.checkDocs(built.result)
		})})
	}
	if err := p.steps(ctx, slices.Concat(before, proofs, after)); err != nil {
		return err
	}
	return j.NoteProven(j.sel, built.result.Digests)
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
	built := &images{p: p, job: j}
	if err := p.steps(ctx, append(p.goLinters(exampleFolders), p.proofs(built, false)...)); err != nil {
		return err
	}
	return j.NoteProven(j.sel, built.result.Digests)
}

// TestForeign checks with other people's programs what is published, without an engine. Compiling them takes minutes the first time.
func (p Project) TestForeign(ctx context.Context) error {
	none := &engine.Engine{}
	return p.goTest(ctx, none, gotest.Run{Dir: ".", Flags: []string{"-count=1"}, Packages: []string{"./integration/foreign"}})
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

// proofs are the steps that build and prove services, the quick ones first.
func (p Project) proofs(built *images, all bool) []step {
	sel := built.job.sel
	again := func(verb string) string {
		return "go tool mage " + verb + " -services=" + strings.Join(sel.Names(), ",")
	}
	own := again("test")
	if len(sel.Services) == 1 {
		own = "go tool mage test:service -name=" + sel.Services[0].Name
	}
	return []step{
		{"images of these sources", again("build"), built.build},
		{"rules for images, sizes among them", again("audit"), built.then(func(context.Context) error { return p.audit(sel.Services) })},
		{"the services' own linters and unit tests", own, built.job.test},
		{"the running services keep their promises", own, built.then(func(ctx context.Context) error {
			return p.integration(ctx, built.job.engine, sel, all)
		})},
	}
}

// images are the images that a step builds, and other steps look at.
type images struct {
	p      Project
	job    *job
	done   bool
	result build.Result
}

func (i *images) build(ctx context.Context) (err error) {
	i.result, err = i.p.build(ctx, i.job)
	i.done = err == nil
	return err
}

// then is a step that needs the images.
func (i *images) then(run func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		if !i.done {
			return errors.New("skipped: there is no image of these sources")
		}
		return run(ctx)
	}
}

// integration runs the tests of integration/, which read from the catalog what to prove; narrowed when sel is not all.
func (p Project) integration(ctx context.Context, e *engine.Engine, sel build.Selection, all bool) error {
	run := gotest.Run{Dir: ".", Flags: []string{"-count=1"}, Select: []string{"-skip=^TestExamples$"}, Packages: []string{"./integration"}}
	if !all {
		var platforms []string
		for _, platform := range sel.Platforms {
			platforms = append(platforms, platform.Arch())
		}
		run.Select = []string{fmt.Sprintf("-run=^Test(Services|Examples)$/^(%s)$/^(%s)$", strings.Join(sel.Names(), "|"), strings.Join(platforms, "|"))}
	}
	return p.goTest(ctx, e, run)
}

// goTest runs tests of a module of the tooling, with the race detector where there is a C compiler for it.
func (p Project) goTest(ctx context.Context, e *engine.Engine, run gotest.Run) error {
	cgo, err := command.Command{Args: []string{"go", "env", "CGO_ENABLED"}}.Output(ctx)
	if err != nil {
		return err
	}
	if strings.TrimSpace(cgo) == "1" {
		run.Flags = append([]string{"-race"}, run.Flags...)
	}
	file, err := os.ReadFile(filepath.Join(p.Root, run.Dir, "go.mod"))
	if err != nil {
		return fmt.Errorf("find the module of tests: %w", err)
	}
	run.Root, run.Module = p.Root, modfile.ModulePath(file)
	run.Env = command.Env(append(e.Changes(), "GOWORK=off")...)
	return run.Do(ctx, p.Progress)
}
