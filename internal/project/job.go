package project

import (
	"context"
	"fmt"
	"io"
	"sync"

	"example.com/stagecraft/internal/build"
	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/engine"
)

// job is all that a verb which builds works with.
type job struct {
	*build.Builder
	repository catalog.Repository
	sel        build.Selection
	engine     *engine.Engine

	once sync.Once
	plan build.Plan
	err  error // of the plan
}

// job finds all that a build needs. The engine is absent where another builder is named and none runs: none is started only
// to be given images.
func (p Project) job(ctx context.Context, services, platforms string) (*job, error) {
	find := engine.Find
	if p.Builder != "" {
		find = engine.FindRunning
	}
	repository, err := p.catalog()
	if err != nil {
		return nil, err
	}
	return p.jobWith(ctx, find, repository, services, platforms)
}

// jobWithEngine is job for verbs that start containers here, whoever builds.
func (p Project) jobWithEngine(ctx context.Context, repository catalog.Repository, services, platforms string) (*job, error) {
	return p.jobWith(ctx, engine.Find, repository, services, platforms)
}

// jobWith finds the engine by find; the first line of progress comes before anything slow.
func (p Project) jobWith(
	ctx context.Context, find func(context.Context, string, io.Writer) (*engine.Engine, error), repository catalog.Repository, services, platforms string,
) (*job, error) {
	sel, err := build.Select(repository, services, platforms)
	if err != nil {
		return nil, err
	}
	what := sel.String()
	if n := len(sel.Services); n > 4 {
		what = fmt.Sprintf("%d services", n)
	}
	p.say("%s for %s", what, join(sel.Platforms))
	e, err := find(ctx, p.Root, p.Progress)
	if err != nil {
		return nil, err
	}
	builder, err := build.New(ctx, p.Root, e, p.Builder, p.Progress)
	if err != nil {
		return nil, err
	}
	if p.NoCache {
		builder = builder.FromNothing()
	}
	return &job{Builder: builder, repository: repository, sel: sel, engine: e}, nil
}

// planned is the plan for sel. The steps of a verb share it: files are checked and registries are asked once.
func (j *job) planned(ctx context.Context) (build.Plan, error) {
	j.once.Do(func() { j.plan, j.err = j.Plan(ctx, j.repository, j.sel) })
	return j.plan, j.err
}

// test builds the test stages.
func (j *job) test(ctx context.Context) error {
	plan, err := j.planned(ctx)
	if err != nil {
		return err
	}
	return j.Test(ctx, plan)
}
