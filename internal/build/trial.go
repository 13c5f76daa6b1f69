package build

import (
	"context"
	"fmt"
	"strings"
	"time"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/engine"
	"example.com/stagecraft/internal/render"
)

// Trial is one build of one service whose time is of interest. It leaves an image in the engine and nothing in out/images.
type Trial struct {
	Service    string
	Dockerfile string // relative to the root of the repository, with forward slashes
	Target     string // stage; empty: the last
	Platforms  []catalog.Platform
}

// Trials builds trials on the same bases, which stand-ins make for every platform: a Dockerfile that does not cross-compile
// runs them all.
type Trials struct {
	builder *Builder
	bases   Bases
}

// Trials is for the Dockerfiles that will be tried.
func (b *Builder) Trials(ctx context.Context, files ...string) (Trials, error) {
	bases, err := b.bases(ctx, files...)
	if err != nil {
		return Trials{}, err
	}
	if bases.StandIn {
		verb := append([]string{"bases", "-all-platforms"}, bases.Refs...)
		if err := engine.NewBare(b.root).Run(ctx, b.progress, &bases.Contexts, verb...); err != nil {
			return Trials{}, err
		}
	}
	return Trials{b, bases}, nil
}

// Bases says where the bases of all trials come from, and why, in a few words.
func (t Trials) Bases() string { return strings.TrimSuffix(t.bases.Why, otherwise) }

// Run is how long a trial took, from the command to an image in the engine.
func (t Trials) Run(ctx context.Context, trial Trial) (time.Duration, error) {
	in, err := unpublished(t.bases)
	if err != nil {
		return 0, err
	}
	in.Context, in.Dockerfile, in.Target = ".", trial.Dockerfile, trial.Target
	for _, p := range trial.Platforms {
		in.Platforms = append(in.Platforms, string(p))
	}
	id := "trial-" + trial.Service
	in.Tags = []string{"stagecraft-" + id + ":latest"}
	in.Output = []string{"type=image," + compression}
	in.Args["SOURCE_DATE_EPOCH"] = fmt.Sprint(render.SourceDateEpoch)
	work, done, err := t.builder.outputs.work()
	if err != nil {
		return 0, err
	}
	defer done()
	begin := time.Now()
	err = t.builder.bake(ctx, work, trial.Service, overlay{Target: map[string]*target{id: in}}, []string{id})
	return time.Since(begin), err
}
