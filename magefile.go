//go:build mage

// Small, secure, multi-architecture container images: built, proven, explained.
package main

import (
	"context"

	"github.com/magefile/mage/mg"

	"example.com/stagecraft/internal/project"
)

// Build builds every service that changed, for every platform: OCI layouts in out/images, images in the engine, sizes.
// With builder, a builder of buildx's does it, wherever it runs. With since, only what changes since that revision affect is
// built. With no-cache, all is built from nothing, with the packages that Debian has today. With print, it writes the bake
// command instead.
func Build(ctx context.Context, services, platforms, builder, since *string, noCache, print *bool) error { //nolint:gocritic,predeclared // a flag is called what its parameter is
	p, err := project.Here()
	if err != nil {
		return err
	}
	if builder != nil {
		p.Builder = *builder
	}
	p.Since = text(since)
	p.NoCache = noCache != nil && *noCache
	if print != nil && *print {
		return p.PrintBuild(ctx, text(services), text(platforms))
	}
	return p.Build(ctx, text(services), text(platforms))
}

// Test proves everything: linters and unit tests, rules for Dockerfiles and images, and the services while they run. It
// builds first what changed. With since, it proves only what changes since that revision affect.
func Test(ctx context.Context, services, platforms, since *string) error {
	p, err := project.Here()
	if err != nil {
		return err
	}
	p.Since = text(since)
	return p.Test(ctx, text(services), text(platforms))
}

// TEST groups narrower proofs; Go has one Test in a package, and mage takes names in any case.
type TEST mg.Namespace

// Service proves one service on the engine's own platform, for the person who works on it: -name=hello-go.
func (TEST) Service(ctx context.Context, name *string) error {
	p, err := project.Here()
	if err != nil {
		return err
	}
	return p.TestService(ctx, text(name))
}

// Examples proves the services in examples/, which Test leaves out: -services=python-fastapi,go-grpc, or all.
func (TEST) Examples(ctx context.Context, services *string) error {
	p, err := project.Here()
	if err != nil {
		return err
	}
	return p.TestExamples(ctx, text(services))
}

// Dev runs services by Docker Compose until Ctrl-C: their addresses, their logs, and a build when their sources change.
func Dev(ctx context.Context, services *string) error {
	p, err := project.Here()
	if err != nil {
		return err
	}
	return p.Dev(ctx, text(services))
}

// Render writes Dockerfiles, bake files, compose.yaml and go.work from dockerfiles/, project.yaml and service.yaml.
func Render() error {
	p, err := project.Here()
	if err != nil {
		return err
	}
	return p.Render()
}

// Docs writes the measured sizes into the README; it builds first what changed.
func Docs(ctx context.Context) error {
	p, err := project.Here()
	if err != nil {
		return err
	}
	return p.Docs(ctx)
}

// Lint runs every linter and formatter check, and the rules for Dockerfiles; it needs no engine.
func Lint(ctx context.Context) error {
	p, err := project.Here()
	if err != nil {
		return err
	}
	return p.Lint(ctx)
}

// LINT groups further checks of Dockerfiles.
type LINT mg.Namespace

// Public counts what the rules for Dockerfiles find in the public repositories of internal/project/public.yaml, which are checked
// out below a folder: -dir=../public.
func (LINT) Public(ctx context.Context, dir *string) error {
	p, err := project.Here()
	if err != nil {
		return err
	}
	return p.LintPublic(ctx, text(dir))
}

// Audit checks the built images in out/images against the rules for images; with since, those that changes since that revision
// affect.
func Audit(ctx context.Context, services, since *string) error {
	p, err := project.Here()
	if err != nil {
		return err
	}
	p.Since = text(since)
	return p.Audit(ctx, text(services))
}

// Affected lists the services whose image, tests or proofs changes since a revision can touch, and why: -since=origin/main.
// With json, it writes that.
func Affected(ctx context.Context, since *string, json *bool) error {
	p, err := project.Here()
	if err != nil {
		return err
	}
	return p.Affected(ctx, text(since), json != nil && *json)
}

// New makes a service from another one, hello-go by default, with its own names and the next free port: -name=greeter
// -from=hello-node.
func New(ctx context.Context, name, from *string) error {
	p, err := project.Here()
	if err != nil {
		return err
	}
	return p.New(ctx, text(name), text(from))
}

// Remove removes a service with all that lists it: -name=hello-c. With force, also when it has changes that are not committed.
func Remove(ctx context.Context, name *string, force *bool) error {
	p, err := project.Here()
	if err != nil {
		return err
	}
	return p.Remove(ctx, text(name), force != nil && *force)
}

// Rename gives the project your name: -name=shop -module=github.com/acme/shop. It changes project.yaml, module paths below
// services/, libs/ and examples/, and texts; the tooling keeps its name. With source, the URL of the repository is not https://MODULE.
func Rename(ctx context.Context, name, module, source *string) error {
	p, err := project.Here()
	if err != nil {
		return err
	}
	return p.Rename(ctx, text(name), text(module), text(source))
}

// Publish pushes the proven images to a registry, -to=registry.example.com/team or that of project.yaml, as REGISTRY/SERVICE:TAG;
// without -tag, TAG is the commit. Layers are compressed by zstd -19, or gzip for old engines. Tags come last, and move only with
// -force.
func Publish(ctx context.Context, services, to, tag, since, compression *string, force *bool) error {
	p, err := project.Here()
	if err != nil {
		return err
	}
	p.Since = text(since)
	return p.Publish(ctx, text(services), project.Publication{
		To: text(to), Tag: text(tag), Compression: text(compression), Force: force != nil && *force,
	})
}

// Upgrade merges upstream/main and leaves the merge to be tested and committed: what you removed stays removed, what is rendered
// is rendered again. With from, another revision.
func Upgrade(ctx context.Context, from *string) error {
	p, err := project.Here()
	if err != nil {
		return err
	}
	return p.Upgrade(ctx, text(from))
}

// Version shows the version of the tooling; CHANGELOG.md says what changed in it.
func Version() error {
	p, err := project.Here()
	if err != nil {
		return err
	}
	p.Version()
	return nil
}

// Verify builds every service twice from nothing and compares the images bit for bit; it names the first file that differs.
func Verify(ctx context.Context, services, platforms *string) error {
	p, err := project.Here()
	if err != nil {
		return err
	}
	return p.Verify(ctx, text(services), text(platforms))
}

// Outdated compares the packages in the built images with what their registries have now. With json, it writes that.
func Outdated(ctx context.Context, services *string, json *bool) error {
	p, err := project.Here()
	if err != nil {
		return err
	}
	return p.Outdated(ctx, text(services), json != nil && *json)
}

// Bench groups what is measured; docs/benchmarks.md keeps it.
type Bench mg.Namespace

// Build measures builds: ours for one platform, ours for two, and builders that are emulated, cold and after a change of one
// line. With write, the tables go to docs/benchmarks.md.
func (Bench) Build(ctx context.Context, services *string, rounds *int, write *bool) error {
	p, err := project.Here()
	if err != nil {
		return err
	}
	n := 0
	if rounds != nil {
		n = *rounds
	}
	return p.BenchBuild(ctx, text(services), n, write != nil && *write)
}

// Services compares the images with plain programs for the same job: answers a second, latencies, start, memory. With
// write, the tables go to docs/benchmarks.md too.
func (Bench) Services(ctx context.Context, services *string, write *bool) error {
	p, err := project.Here()
	if err != nil {
		return err
	}
	return p.BenchServices(ctx, text(services), write != nil && *write)
}

// Scale measures what precedes a build in repositories of 50, 200 and 800 services. With write, the table goes to
// docs/benchmarks.md.
func (Bench) Scale(ctx context.Context, write *bool) error {
	p, err := project.Here()
	if err != nil {
		return err
	}
	return p.BenchScale(ctx, write != nil && *write)
}

// Mutants measures what unit tests notice: packages are changed in one place at a time, and the changes after which no test
// fails are listed: -packages=internal/image,internal/audit. With since, only files of internal/ that changed are. With
// write, the table goes to docs/benchmarks.md.
func (Bench) Mutants(ctx context.Context, packages, since *string, write *bool) error {
	p, err := project.Here()
	if err != nil {
		return err
	}
	p.Since = text(since)
	return p.BenchMutants(ctx, text(packages), write != nil && *write)
}

// Engine groups the verbs of the container engine.
type Engine mg.Namespace

// Env prints shell commands that give a shell the engine in use: eval "$(go tool mage engine:env)".
func (Engine) Env(ctx context.Context) error {
	p, err := project.Here()
	if err != nil {
		return err
	}
	return p.EngineEnv(ctx)
}

// Status shows the private engine: state, version, uptime, bytes on disk. With json, it writes that.
func (Engine) Status(ctx context.Context, json *bool) error {
	p, err := project.Here()
	if err != nil {
		return err
	}
	return p.EngineStatus(ctx, json != nil && *json)
}

// Stop stops the private engine; what it built stays.
func (Engine) Stop(ctx context.Context) error { return private(ctx, "stop") }

// Remove stops the private engine and deletes all that it installed and built.
func (Engine) Remove(ctx context.Context) error { return private(ctx, "remove") }

func private(ctx context.Context, verb string) error {
	p, err := project.Here()
	if err != nil {
		return err
	}
	return p.Engine(ctx, verb)
}

// text is the value of a flag, empty when it was not given.
func text(flag *string) string {
	if flag == nil {
		return ""
	}
	return *flag
}
