//go:build mage

// Builds and tests small, secure, multi-architecture container images.
package main

import (
	"context"

	"github.com/magefile/mage/mg"

	"example.com/stagecraft/internal/project"
)

// Build builds every service that changed, for every platform, into out/images and the engine, and prints the sizes.
// With builder, it uses that buildx builder. With since, it builds only the services affected by changes since that revision.
// With no-cache, it builds everything from nothing, with the current Debian packages. With print, it prints the bake command
// instead.
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

// Test runs all linters and unit tests, checks Dockerfiles and images against the rules, and tests the running services. It
// builds what changed first. With since, it tests only the services affected by changes since that revision.
func Test(ctx context.Context, services, platforms, since *string) error {
	p, err := project.Here()
	if err != nil {
		return err
	}
	p.Since = text(since)
	return p.Test(ctx, text(services), text(platforms))
}

// TEST groups narrower tests; Go has one Test in a package, and mage takes names in any case.
type TEST mg.Namespace

// Service tests one service on this machine's platform, to check a change quickly: -name=hello-go.
func (TEST) Service(ctx context.Context, name *string) error {
	p, err := project.Here()
	if err != nil {
		return err
	}
	return p.TestService(ctx, text(name))
}

// Examples tests the services in examples/, all or some: -services=python-fastapi,go-grpc. Test does not include them.
func (TEST) Examples(ctx context.Context, services *string) error {
	p, err := project.Here()
	if err != nil {
		return err
	}
	return p.TestExamples(ctx, text(services))
}

// Foreign checks published images, signatures and attestations with programs of others, such as cosign. It compiles them, which takes
// ten minutes the first time.
func (TEST) Foreign(ctx context.Context) error {
	p, err := project.Here()
	if err != nil {
		return err
	}
	return p.TestForeign(ctx)
}

// Dev runs services with Docker Compose until Ctrl-C, shows addresses and logs, and rebuilds when sources change.
func Dev(ctx context.Context, services *string) error {
	p, err := project.Here()
	if err != nil {
		return err
	}
	return p.Dev(ctx, text(services))
}

// Render writes Dockerfiles, bake files, compose.yaml, deploy/ and go.work from dockerfiles/, project.yaml and service.yaml.
func Render() error {
	p, err := project.Here()
	if err != nil {
		return err
	}
	return p.Render()
}

// Docs builds what changed and writes the image sizes into the README.
func Docs(ctx context.Context) error {
	p, err := project.Here()
	if err != nil {
		return err
	}
	return p.Docs(ctx)
}

// Lint runs the linters that need no engine, format checks and the rules for Dockerfiles.
func Lint(ctx context.Context) error {
	p, err := project.Here()
	if err != nil {
		return err
	}
	return p.Lint(ctx)
}

// LINT groups further checks of Dockerfiles.
type LINT mg.Namespace

// Public counts the findings of the Dockerfile rules in checked-out public repositories: -dir=../public. They are those of
// internal/project/public.yaml.
func (LINT) Public(ctx context.Context, dir *string) error {
	p, err := project.Here()
	if err != nil {
		return err
	}
	return p.LintPublic(ctx, text(dir))
}

// Audit checks the images in out/images against the rules for images. With since, it checks only the images affected by changes
// since that revision.
func Audit(ctx context.Context, services, since *string) error {
	p, err := project.Here()
	if err != nil {
		return err
	}
	p.Since = text(since)
	return p.Audit(ctx, text(services))
}

// Affected lists the services that changes since a revision affect, and why: -since=origin/main. With json, it prints JSON.
func Affected(ctx context.Context, since *string, json *bool) error {
	p, err := project.Here()
	if err != nil {
		return err
	}
	return p.Affected(ctx, text(since), json != nil && *json)
}

// New creates a service as a copy of another one (default hello-go), on the next free port: -name=greeter -from=hello-node.
func New(ctx context.Context, name, from *string) error {
	p, err := project.Here()
	if err != nil {
		return err
	}
	return p.New(ctx, text(name), text(from))
}

// Remove deletes a service and its entries in other files: -name=hello-c. With force, it also deletes uncommitted changes.
func Remove(ctx context.Context, name *string, force *bool) error {
	p, err := project.Here()
	if err != nil {
		return err
	}
	return p.Remove(ctx, text(name), force != nil && *force)
}

// Rename changes the names of the project, its Go modules and images: -name=shop -module=github.com/acme/shop. It changes project.yaml,
// module paths in services/, libs/ and examples/, and texts; the tooling keeps its name. With source, that is the repository's URL
// instead of https://MODULE.
func Rename(ctx context.Context, name, module, source *string) error {
	p, err := project.Here()
	if err != nil {
		return err
	}
	return p.Rename(ctx, text(name), text(module), text(source))
}

// Publish pushes the images that passed the tests to a registry: -to=registry.example.com/team -tag=1.0. Without -to, it uses the
// registry in project.yaml; without -tag, the tag is the commit. Layers are compressed with zstd -19, or gzip for old engines. Tags
// are pushed last, and existing tags move only with -force. With a key, from -key=cosign.key or STAGECRAFT_SIGNING_KEY, images are
// signed. It writes the digests into deploy/images.yaml.
func Publish(ctx context.Context, services, to, tag, since, compression, key *string, force *bool) error {
	p, err := project.Here()
	if err != nil {
		return err
	}
	p.Since = text(since)
	return p.Publish(ctx, text(services), project.Publication{
		To: text(to), Tag: text(tag), Compression: text(compression), Key: text(key), Force: force != nil && *force,
	})
}

// Rollback deploys an earlier image: it writes the digest of a tag in the registry into deploy/images.yaml: -services=hello-go -to=1.0.
// Without registry, it looks in the registry in project.yaml. With key=cosign.pub, it verifies the image first.
func Rollback(ctx context.Context, services, to, registry, key *string) error {
	p, err := project.Here()
	if err != nil {
		return err
	}
	return p.Rollback(ctx, text(services), text(to), text(registry), text(key))
}

// PUBLISH groups what is done with published images.
type PUBLISH mg.Namespace

// Verify checks the signature of a published image, what is attached to it, and its layers, with the public key alone:
// -image=registry.example.com/team/hello-go:1.0 -key=cosign.pub. With rebuild, it also builds the commit again and compares the two.
func (PUBLISH) Verify(ctx context.Context, image, key *string, rebuild *bool) error {
	p, err := project.Here()
	if err != nil {
		return err
	}
	return p.PublishVerify(ctx, text(image), text(key), rebuild != nil && *rebuild)
}

// SBOM lists what is in the built images, for each platform, in out/sbom: packages, and files that belong to none. The format is SPDX,
// or with -format=cyclonedx CycloneDX.
func SBOM(ctx context.Context, services, platforms, format *string) error {
	p, err := project.Here()
	if err != nil {
		return err
	}
	return p.SBOM(ctx, text(services), text(platforms), text(format))
}

// Scan looks for known vulnerabilities in the built images with osv-scanner, and fails on those that have a fix and the severity in
// project.yaml. With -offline=DIR, it uses the databases in that folder instead of osv.dev. It writes out/scan.sarif. Compiling
// osv-scanner takes minutes the first time.
func Scan(ctx context.Context, services, offline *string) error {
	p, err := project.Here()
	if err != nil {
		return err
	}
	return p.Scan(ctx, text(services), text(offline))
}

// Upgrade merges upstream/main without committing and renders files again; what you removed stays removed. With from, it merges
// another revision.
func Upgrade(ctx context.Context, from *string) error {
	p, err := project.Here()
	if err != nil {
		return err
	}
	return p.Upgrade(ctx, text(from))
}

// Version prints the version of the tooling; CHANGELOG.md lists its changes.
func Version() error {
	p, err := project.Here()
	if err != nil {
		return err
	}
	p.Version()
	return nil
}

// Verify builds every service twice from nothing, compares the images bit for bit and shows the first file that differs.
func Verify(ctx context.Context, services, platforms *string) error {
	p, err := project.Here()
	if err != nil {
		return err
	}
	return p.Verify(ctx, text(services), text(platforms))
}

// Outdated lists packages in the built images that have newer versions. With json, it prints JSON.
func Outdated(ctx context.Context, services *string, json *bool) error {
	p, err := project.Here()
	if err != nil {
		return err
	}
	return p.Outdated(ctx, text(services), json != nil && *json)
}

// Bench groups the measurements of docs/benchmarks.md.
type Bench mg.Namespace

// Build measures build times for one platform, for two, and with emulation, cold and after a change of one line. With write, it
// updates the tables in docs/benchmarks.md.
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

// Services compares the services with plain programs for the same job: throughput, latency, startup time, memory. With write, it
// also updates the tables in docs/benchmarks.md.
func (Bench) Services(ctx context.Context, services *string, write *bool) error {
	p, err := project.Here()
	if err != nil {
		return err
	}
	return p.BenchServices(ctx, text(services), write != nil && *write)
}

// Scale measures the time before a build starts, in repositories of 50, 200 and 800 services. With write, it updates the table in
// docs/benchmarks.md.
func (Bench) Scale(ctx context.Context, write *bool) error {
	p, err := project.Here()
	if err != nil {
		return err
	}
	return p.BenchScale(ctx, write != nil && *write)
}

// Dev measures how long a change takes until `mage dev` runs it: in a service, in a library it uses, in its dependencies. With write, it
// updates the table in docs/benchmarks.md.
func (Bench) Dev(ctx context.Context, services *string, write *bool) error {
	p, err := project.Here()
	if err != nil {
		return err
	}
	return p.BenchDev(ctx, text(services), write != nil && *write)
}

// Mutants makes one small change at a time in the code and lists those that no unit test detects: -packages=internal/image,internal/audit.
// With since, it changes only files of internal/ that changed since that revision. With write, it updates the table in docs/benchmarks.md.
func (Bench) Mutants(ctx context.Context, packages, since *string, write *bool) error {
	p, err := project.Here()
	if err != nil {
		return err
	}
	p.Since = text(since)
	return p.BenchMutants(ctx, text(packages), write != nil && *write)
}

// Engine groups the targets for the container engine.
type Engine mg.Namespace

// Env prints shell commands that make docker use the same engine as mage: eval "$(go tool mage engine:env)".
func (Engine) Env(ctx context.Context) error {
	p, err := project.Here()
	if err != nil {
		return err
	}
	return p.EngineEnv(ctx)
}

// Status shows the private engine: state, version, uptime, disk usage. With json, it prints JSON.
func (Engine) Status(ctx context.Context, json *bool) error {
	p, err := project.Here()
	if err != nil {
		return err
	}
	return p.EngineStatus(ctx, json != nil && *json)
}

// Stop stops the private engine and keeps its images and cache.
func (Engine) Stop(ctx context.Context) error { return private(ctx, "stop") }

// Remove stops the private engine and deletes everything that it installed and built.
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
