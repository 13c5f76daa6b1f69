package project

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"example.com/stagecraft/internal/audit"
	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/gotest"
	"example.com/stagecraft/internal/lint"
	"example.com/stagecraft/internal/render"
)

// fewSigterms is how often SIGTERM is tried while clients are at work, of the 50 times of Test: most of that time is waiting.
const fewSigterms = "10"

// TestService proves one service for the person who works on it: its Dockerfile, its own linters and unit tests, its image,
// its promises while it runs on the engine's own platform. What concerns the other platform, the other services and the
// tooling is left to Test.
func (p Project) TestService(ctx context.Context, name string) error {
	repository, err := p.catalog()
	if err != nil {
		return err
	}
	if name == "" {
		return errors.New("test a service: say which: -name=hello-go")
	}
	service, err := find(repository.All(), name)
	if err != nil {
		return err
	}
	j, err := p.jobWithEngine(ctx, repository, name, "")
	if err != nil {
		return err
	}
	native, err := j.engine.Native(ctx)
	if err != nil {
		return err
	}
	again := "go tool mage test:service -name=" + name
	built := &images{p: p, job: j}
	return p.steps(ctx, []step{
		{"rendered files are what the templates say", render.Fix, func(context.Context) error { return render.Check(p.Root, repository) }},
		{"rules for its Dockerfile", again, func(context.Context) error { return p.lintDockerfile(service) }},
		{"its own linters and unit tests", again, j.test},
		{"its image", "go tool mage build -services=" + name, built.build},
		{"rules for its image", "go tool mage audit -services=" + name, built.then(func(context.Context) error { return p.audit(j.sel.Services) })},
		{"what it promises while it runs on " + string(native), again, built.then(func(ctx context.Context) error {
			return p.goTest(ctx, j.engine, gotest.Run{
				Dir: ".", Flags: []string{"-count=1"}, Packages: []string{"./integration"},
				Select: []string{"-run=^Test(Services|Examples)$/^" + name + "$/^" + native.Arch() + "$"},
				Args:   []string{"-sigterms=" + fewSigterms},
			})
		})},
	})
}

// find is the service of that name; the error is one line with the nearest name.
func find(all []catalog.Service, name string) (catalog.Service, error) {
	i := slices.IndexFunc(all, func(s catalog.Service) bool { return s.Name == name })
	if i >= 0 {
		return all[i], nil
	}
	names := make([]string, len(all))
	for i, s := range all {
		names[i] = s.Name
	}
	return catalog.Service{}, fmt.Errorf("test a service: there is no services/%s; %s", name, catalog.Hint(name, names))
}

func (p Project) lintDockerfile(service catalog.Service) error {
	report, err := lint.Services(p.Root, []catalog.Service{service}, audit.Rules)
	if err != nil {
		return err
	}
	return p.report(report)
}
