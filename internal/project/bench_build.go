package project

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"example.com/stagecraft/internal/bench"
	"example.com/stagecraft/internal/build"
	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/engine"
)

// BenchBuild measures how long builds of the named services (comma-separated; empty: all) take: ours for one platform, ours
// for two, and the article's way. Zero rounds are three. With write, the tables go to docs/benchmarks.md too.
func (p Project) BenchBuild(ctx context.Context, services string, rounds int, write bool) error {
	if err := wholePage(services, write); err != nil {
		return err
	}
	sel, err := p.selection(services)
	if err != nil {
		return err
	}
	sel.Services = p.compared(sel.Services, bench.Article, "nobody wrote how the article would build it")
	if len(sel.Services) == 0 {
		return fmt.Errorf("measure builds: no service has a Dockerfile in %s", path.Dir(bench.Article(catalog.Service{})))
	}
	var files []string
	for _, s := range sel.Services {
		files = append(files, s.Dir+"/Dockerfile", bench.Article(s))
	}
	if rounds <= 0 {
		rounds = 3
	}
	p.say("builds of %s, in %d rounds; the article's way takes minutes", sel, rounds)
	e, err := engine.Find(ctx, p.Root, p.Progress)
	if err != nil {
		return err
	}
	can, err := e.RunnablePlatforms(ctx)
	if err != nil {
		return err
	}
	if !slices.Equal(slices.Sorted(slices.Values(can)), slices.Sorted(slices.Values(catalog.Platforms))) {
		return fmt.Errorf("measure the article's way: the engine can run %s only, and that way runs compilers on every platform; "+
			"install an emulator: docker run --privileged --rm tonistiigi/binfmt --install all", join(can))
	}
	dir, remove, err := p.scratch()
	if err != nil {
		return err
	}
	defer remove()
	builder, err := build.New(ctx, dir, e, "", p.Progress)
	if err != nil {
		return err
	}
	trials, err := builder.Trials(ctx, files...)
	if err != nil {
		return err
	}
	report, err := bench.Builds(ctx, trials, dir, sel.Services, can[0], rounds, p.say)
	if err != nil {
		return err
	}
	fmt.Fprintln(p.Out, "cold")
	err = report.Cold.Write(p.Out)
	fmt.Fprintln(p.Out, "\none line changed")
	err = errors.Join(err, report.Changed.Write(p.Out))
	remarks := strings.Join(append(report.Remarks, p.machine()), "\n\n")
	fmt.Fprintln(p.Out, "\n"+remarks)
	if err != nil || !write {
		return err
	}
	return p.writeBench("build", report.Chart.Markdown()+"\nCold:\n\n"+report.Cold.Markdown()+"\nOne line changed:\n\n"+report.Changed.Markdown()+"\n"+remarks)
}

// compared are the services that have a file of what they are compared with; why says what the others lack.
func (p Project) compared(services []catalog.Service, file func(catalog.Service) string, why string) (found []catalog.Service) {
	for _, s := range services {
		if _, err := os.Stat(filepath.Join(p.Root, filepath.FromSlash(file(s)))); err != nil {
			p.say("%s is left out: %s, %s", s.Name, why, file(s))
			continue
		}
		found = append(found, s)
	}
	return found
}

// machine says where and when something was measured.
func (p Project) machine() string {
	return fmt.Sprintf("%d processors, %s/%s, %s.", runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, time.Now().Format(time.DateOnly))
}

// scratch is a copy of the repository, whose files a measurement may change; remove removes it.
func (p Project) scratch() (dir string, remove func(), err error) {
	dir, err = os.MkdirTemp("", "stagecraft-bench-")
	if err != nil {
		return "", nil, fmt.Errorf("make a folder for a copy: %w", err)
	}
	remove = func() { _ = os.RemoveAll(dir) }
	if err := build.Copy(p.Root, dir); err != nil {
		remove()
		return "", nil, err
	}
	return dir, remove, nil
}
