// Package build turns services into images: a plan, one bake for all that changed by whatever builder buildx knows, an OCI
// layout a service in out/images, and tags in the engine, loaded from that.
package build

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"example.com/stagecraft/internal/audit"
	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/engine"
	"example.com/stagecraft/internal/image"
	"example.com/stagecraft/internal/manifest"
	"example.com/stagecraft/internal/render"
)

// lintDockerfile is the Dockerfile of the linters that are not Go programs.
const lintDockerfile = "tools/lint/Dockerfile"

// Builder builds the services of one repository and gives the images to one engine.
type Builder struct {
	root        string
	engine      *engine.Engine
	named       string // buildx's name of the builder that a person chose; empty: the engine's own where it can
	fromNothing bool   // without what earlier builds left
	outputs     outputs
	progress    io.Writer
}

// New builds what is in the repository at root, by the builder that buildx knows as named: it must answer. Without a name
// it is the engine's own BuildKit, or where that cannot export what is needed, one in a container of the engine. Images
// are loaded into the engine unless that is absent. Progress goes to progress.
func New(ctx context.Context, root string, e *engine.Engine, named string, progress io.Writer) (*Builder, error) {
	b := &Builder{root: root, engine: e, named: named, outputs: newOutputs(root), progress: progress}
	if named != "" {
		if err := b.answers(ctx); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// Result is what a build came to.
type Result struct {
	Selection
	Bases    Bases
	Built    []string          // services that were built now; the others had not changed
	Digests  map[string]string // service → digest of its index
	Sizes    map[string]map[catalog.Platform]image.Size
	Packages map[string][]Package // service → those of the system that its image records
}

func (r Result) add(service string, b built) {
	r.Digests[service], r.Sizes[service], r.Packages[service] = b.Digest, b.Sizes, b.Packages
}

// FromNothing is a builder that builds all, changed or not, without what earlier builds left: no step comes from the cache, and
// stand-ins are assembled again. So it gets the packages that Debian has today.
func (b *Builder) FromNothing() *Builder {
	again := *b
	again.fromNothing = true
	return &again
}

// Build builds what changed of a plan. A size over its ceiling is not an error here: the table shows it, and the rules for
// images fail.
func (b *Builder) Build(ctx context.Context, plan Plan) (Result, error) {
	sel := b.whole(plan.Selection)
	keys, err := keys(b.root, sel, plan.bases)
	if err != nil {
		return Result{}, err
	}
	result := Result{
		Selection: sel, Bases: plan.bases,
		Digests: map[string]string{}, Sizes: map[string]map[catalog.Platform]image.Size{}, Packages: map[string][]Package{},
	}
	stale := Selection{Platforms: sel.Platforms}
	for _, s := range sel.Services {
		last := b.outputs.last(s.Name)
		if b.fromNothing || last.Key != keys[s.Name] {
			stale.Services = append(stale.Services, s)
			continue
		}
		// The layout is current, and the engine can be given it again. Where not even that works, building again may.
		if !b.has(ctx, last) && b.reload(ctx, s, last) != nil {
			stale.Services = append(stale.Services, s)
			continue
		}
		result.add(s.Name, last)
	}
	if len(stale.Services) == 0 {
		return result, b.outputs.clear()
	}
	work, done, err := b.outputs.work()
	if err != nil {
		return Result{}, err
	}
	defer done()
	o, targets, err := newOverlay(stale, plan.bases, filepath.ToSlash(work))
	if err != nil {
		return Result{}, err
	}
	if err := b.bake(ctx, work, stale.String(), o, targets); err != nil {
		return Result{}, err
	}
	for _, s := range stale.Services {
		if err := plan.bases.checkClaims(filepath.Join(work, s.Name)); err != nil {
			return Result{}, fmt.Errorf("publish the image of %s: %w", s.Name, err)
		}
		now, err := b.inspect(ctx, s, filepath.Join(work, s.Name))
		if err != nil {
			return Result{}, err
		}
		now.Key, now.StandIn = keys[s.Name], plan.bases.StandIn
		if err := b.outputs.publish(s.Name, filepath.Join(work, s.Name), now); err != nil {
			return Result{}, err
		}
		result.Built = append(result.Built, s.Name)
		result.add(s.Name, now)
	}
	return result, b.prune(ctx)
}

// whole is sel with those platforms of the project that a layout of its services has already: a build for the others alone
// would replace it by a part, and leave old tags of the rest.
func (b *Builder) whole(sel Selection) Selection {
	var platforms []catalog.Platform
	for _, p := range sel.Project {
		built := func(s catalog.Service) bool { _, ok := b.outputs.last(s.Name).Sizes[p]; return ok }
		asked := slices.Contains(sel.Platforms, p)
		if !asked && !slices.ContainsFunc(sel.Services, built) {
			continue
		}
		if !asked {
			b.say("for %s too, which images in out/images have", p)
		}
		platforms = append(platforms, p)
	}
	sel.Platforms = platforms
	return sel
}

// Test builds the test stages of a plan's services on the engine's own platform: their linters and unit tests.
func (b *Builder) Test(ctx context.Context, plan Plan) error {
	if len(plan.Services) == 0 {
		return nil
	}
	work, done, err := b.outputs.work()
	if err != nil {
		return err
	}
	defer done()
	o, _, err := newOverlay(plan.Selection, plan.bases, filepath.ToSlash(work))
	if err != nil {
		return err
	}
	var targets []string
	for _, s := range plan.Services {
		targets = append(targets, render.TestTarget(s))
	}
	return b.bake(ctx, work, "the tests of "+plan.String(), o, targets)
}

// Lint builds the stage that runs the linters that are not Go programs.
func (b *Builder) Lint(ctx context.Context) error {
	bases, err := b.bases(ctx, lintDockerfile)
	if err != nil {
		return err
	}
	lint, err := unpublished(bases)
	if err != nil {
		return err
	}
	lint.Context, lint.Dockerfile, lint.Target = ".", lintDockerfile, "lint"
	lint.Output = []string{"type=cacheonly"}
	work, done, err := b.outputs.work()
	if err != nil {
		return err
	}
	defer done()
	return b.bake(ctx, work, lintDockerfile, overlay{Target: map[string]*target{"lint": lint}}, []string{"lint"})
}

// Print writes the command that builds what is planned, whether it changed or not, for a person to run. Its overlay and its
// results go to out/manual.
func (b *Builder) Print(ctx context.Context, plan Plan, w io.Writer) error {
	dir := filepath.Join(b.outputs.dir, "manual")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make a folder for the overlay: %w", err)
	}
	o, targets, err := newOverlay(plan.Selection, plan.bases, filepath.ToSlash(dir))
	if err != nil {
		return err
	}
	cmd, err := b.bakeCommand(ctx, dir, o, targets)
	if err != nil {
		return err
	}
	host := ""
	if !b.engine.Absent() {
		host = "DOCKER_HOST=" + b.engine.Host + " "
	}
	_, err = fmt.Fprintf(w, "%s%s\n", host, cmd)
	return err
}

func (b *Builder) bases(ctx context.Context, files ...string) (Bases, error) {
	refs, err := refsOf(b.root, files...)
	if err != nil {
		return Bases{}, err
	}
	if b.fromNothing {
		return chooseBases(ctx, b.root, refs, b.progress, "-again")
	}
	return chooseBases(ctx, b.root, refs, b.progress)
}

// Plan is a selection that can be built: what is committed for it was checked, and its base images were found.
type Plan struct {
	Selection
	bases Bases
}

// Plan checks sel and finds the base images of its services, once for all that is done with them. It fails when committed
// files are not what the templates render for the repository, or when manifests show that a build would fail.
func (b *Builder) Plan(ctx context.Context, repository catalog.Repository, sel Selection) (Plan, error) {
	if err := render.Check(b.root, repository); err != nil {
		return Plan{}, err
	}
	problems, notes := manifest.Check(b.root, sel.Services)
	for _, note := range notes {
		b.say("%s", note)
	}
	if len(problems) > 0 {
		return Plan{}, problems
	}
	var files []string
	for _, s := range sel.Services {
		files = append(files, s.Dir+"/Dockerfile")
	}
	bases, err := b.bases(ctx, files...)
	if err != nil {
		return Plan{}, err
	}
	return Plan{Selection: sel, bases: bases}, nil
}

// inspect loads a service just built into the engine, and returns what is known of it.
func (b *Builder) inspect(ctx context.Context, service catalog.Service, layout string) (now built, err error) {
	now.Sizes = map[catalog.Platform]image.Size{}
	idx, err := image.Open(layout)
	if err != nil {
		return built{}, err
	}
	defer idx.Close()
	now.Digest = idx.Digest().String()
	for _, i := range idx.Images() {
		size, err := i.Size()
		if err != nil {
			return built{}, fmt.Errorf("measure %s for %s: %w", service.Name, i.Platform(), err)
		}
		now.Sizes[catalog.Platform(i.Platform())] = size
		// Before the image takes the last good one's place.
		if err := audit.Starts(service, i); err != nil {
			return built{}, fmt.Errorf("build %s: %w", service.Name, err)
		}
	}
	if now.Packages, err = Packages(service.Name, idx); err != nil {
		return built{}, err
	}
	return b.load(ctx, service, layout, now)
}
