package integration

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/testcontainers/testcontainers-go"

	"example.com/stagecraft/internal/catalog"
)

// TestServices proves every service of services/ on every platform.
func TestServices(t *testing.T) {
	t.Parallel()
	lab := open(t)
	for _, service := range lab.repository.Services {
		t.Run(service.Name, func(t *testing.T) {
			t.Parallel()
			prove(t, lab, service, lab.repository.Project.Platforms, &summary)
		})
	}
}

// TestExamples proves every service of examples/ on the engine's own platform. On the others it is started, its health and
// its declared checks are tried: what is left says more about an emulator than about one more service.
func TestExamples(t *testing.T) {
	t.Parallel()
	lab := *open(t)
	lab.sigterms = min(lab.sigterms, sigtermsExample)
	for _, service := range lab.repository.Examples {
		t.Run(service.Name, func(t *testing.T) {
			t.Parallel()
			prove(t, &lab, service, []catalog.Platform{lab.native}, &summary)
		})
	}
}

// prove tries what a service promises: all of it on the platforms of full, only that it works on the project's others.
func prove(t *testing.T, lab *laboratory, service catalog.Service, full []catalog.Platform, into *report) {
	waivers := newWaivers(service)
	t.Cleanup(func() { // after all platforms, which run in parallel
		for _, problem := range waivers.problems(full, time.Now()) {
			t.Error(problem)
		}
	})
	platforms := slices.Clone(lab.repository.Project.Platforms)
	slices.SortStableFunc(platforms, func(a, b catalog.Platform) int { // emulated ones take longest: they begin first
		rank := map[bool]int{true: 1}
		return cmp.Compare(rank[a == lab.native], rank[b == lab.native])
	})
	for _, platform := range platforms {
		t.Run(platform.Arch(), func(t *testing.T) {
			t.Parallel()
			r := &result{service: service.Name, platform: platform}
			defer into.add(r)
			if r.skipped = lab.whyNot[platform]; r.skipped != "" {
				t.Skip(r.skipped)
			}
			start := time.Now()
			each := func(name string, test func(testing.TB)) { t.Run(name, func(t *testing.T) { test(t) }) }
			lab.target(service, platform).prove(t, each, waivers, r, slices.Contains(full, platform))
			r.took = time.Since(start)
		})
	}
}

// proof is a target while it is proven.
type proof struct {
	target
	tb      testing.TB
	each    func(name string, test func(testing.TB)) // runs a subtest
	waivers *waivers

	shared   subject
	ended    bool     // the shared container did not survive the last try
	lost     error    // why there is no shared container any more
	killedBy []string // what was tried when the kernel killed the service for its memory
}

func (t target) prove(tb testing.TB, each func(string, func(testing.TB)), waivers *waivers, r *result, full bool) {
	t.fact = func(format string, args ...any) { r.facts = append(r.facts, fmt.Sprintf(format, args...)) }
	p := &proof{target: t, tb: tb, each: each, waivers: waivers}
	err := p.surround(tb)
	if err == nil {
		err = p.start()
	}
	if err != nil {
		r.promises.broken = append(r.promises.broken, "starts")
		r.promises.notTried = append(r.promises.notTried, "everything else: it does not start")
		tb.Error(err)
		return
	}
	for _, check := range t.service.Checks {
		p.try("check "+check.Name, &r.checks, func(testing.TB) error { return p.ask("check "+check.Name, declared(check)) })
	}
	for _, promise := range promised(t.service.Protocol) {
		switch {
		case !full && promise.key != "healthy":
		case promise.alone != nil:
			p.try(promise.key, &r.promises, func(tb testing.TB) error { return promise.alone(tb, p.target) })
		default:
			p.try(promise.key, &r.promises, func(testing.TB) error { return p.ask(promise.key, promise.keep) })
		}
	}
	for _, name := range slices.Sorted(maps.Keys(t.service.Commands)) {
		if full && !slices.Contains(t.service.DependsOn, name) { // what it depends on has been run
			p.try("command "+name, &r.promises, func(tb testing.TB) error { return p.command(tb, name) })
		}
	}
}

// start starts the shared container, with its HEALTHCHECK.
func (p *proof) start() error {
	p.shared, p.lost = p.run(p.tb, p.probed())
	p.ended = p.lost != nil
	return p.lost
}

// try tries one thing, and counts what came of it.
func (p *proof) try(key string, count *tally, keep func(testing.TB) error) {
	p.each(key, func(t testing.TB) {
		err := keep(t)
		var killed killedError
		if key != "memory" && errors.As(err, &killed) && len(p.killedBy) > 0 {
			t.Log(err)
			err = notTriedError("the service was killed for exceeding its memory")
		}
		var skipped notTriedError
		if errors.As(err, &skipped) {
			count.notTried = append(count.notTried, key+": "+string(skipped))
			t.Skip(skipped)
			return
		}
		switch reason := p.waivers.tried(key, p.platform, err == nil, time.Now()); {
		case err == nil:
			count.kept++
		case reason != "":
			count.waived = append(count.waived, key+": "+reason)
			var full *explained // without the log: nobody will look for a fault
			if errors.As(err, &full) {
				err = full.cause
			}
			t.Skipf("waived: %s: %v", reason, err)
		default:
			count.broken = append(count.broken, key)
			t.Error(err)
		}
	})
}

// ask tries something on the shared container. One fault must not show as many: a service that did not survive is started
// again for what comes next, and where the kernel killed it, its memory is to blame.
func (p *proof) ask(key string, keep func(context.Context, subject) error) error {
	ctx := p.tb.Context()
	if p.ended && p.lost == nil {
		if err := p.start(); err != nil {
			p.tb.Error(err)
		}
	}
	if p.lost != nil {
		return notTriedError("it did not start again after an earlier failure")
	}
	err := keep(ctx, p.shared)
	if key == "memory" && len(p.killedBy) > 0 {
		err = killedError{fmt.Errorf("exceeded its %d bytes of memory during: %s", int64(p.memory()), strings.Join(p.killedBy, ", "))}
	}
	if err == nil {
		return nil
	}
	err = p.shared.explain(ctx, err)
	var killed killedError
	if key != "memory" && errors.As(err, &killed) {
		p.killedBy = append(p.killedBy, key)
	}
	if !p.shared.well(ctx) {
		p.ended = true
		if err := testcontainers.TerminateContainer(p.shared.DockerContainer, testcontainers.StopTimeout(0)); err != nil {
			p.tb.Error(err)
		}
	}
	return err
}

// well reports whether a container runs, was never killed for its memory, and is still ready.
func (s subject) well(ctx context.Context) bool {
	state, err := s.State(ctx)
	if err != nil || !state.Running {
		return false
	}
	if kills, err := s.outOfMemory(ctx); err != nil || kills > 0 {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, s.pace.bound(patience))
	defer cancel()
	return s.ready(s.probe).WaitUntilReady(ctx, s) == nil
}

// notTriedError is the error of what could not be tried; it says why.
type notTriedError string

func (n notTriedError) Error() string { return "not tried: " + string(n) }

// TestSkipped: what cannot run here is shown as skipped, in the table and in a line below it.
func TestSkipped(t *testing.T) {
	lab := &laboratory{whyNot: map[catalog.Platform]string{}}
	lab.repository.Project.Platforms = catalog.Platforms
	for _, platform := range catalog.Platforms {
		lab.whyNot[platform] = "no emulator"
	}
	var report report
	t.Run("proof", func(t *testing.T) { prove(t, lab, lab.newFixture("some"), catalog.Platforms, &report) })
	for _, r := range report.results {
		if line := fmt.Sprintf("SKIPPED %s on %s: no emulator\n", r.service, r.platform); !strings.Contains(report.String(), line) {
			t.Errorf("%q is not in\n%s", line, report.String())
		}
	}
	if len(report.results) != len(catalog.Platforms) {
		t.Errorf("%d results, want one for each of %v", len(report.results), catalog.Platforms)
	}
}
