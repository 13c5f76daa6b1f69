package integration

import (
	"context"
	"fmt"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"example.com/stagecraft/internal/catalog"
)

// controls are services with one fault each. The promise that the fault breaks must be the one to find it, in words that say
// what is wrong; a promise that no fault can break proves nothing.
var controls = []struct {
	fault string
	keep  func(testing.TB, target) error
	pace  pace
	words string // in order; " ... " stands for anything
}{
	{"wrong body", of(greets), 1, `check "greets": GET /: body: expected exactly "Hello\n", got "Good bye\n"`},
	{"unhealthy", starts, hurried, `was not ready within 12s: GET /healthz: expected 200, got 500 with "the database is gone\n"`},
	{"not ready", starts, hurried, `was not ready within 12s: GET /readyz: expected 200, got 503`},
	{"failing probe", healthy, hurried, `HEALTHCHECK is "starting": the last probe ended with 1 and wrote "fixture: /healthz answered 200 OK"`},
	{"writes to root", starts, 1, `ended with exit code 1 before it was ready; it wrote last: ... stderr: fixture: open /state: read-only file system`},
	{"too large", starts, 1, `was killed before it was ready: it exceeded its 128000000 bytes of memory`},
	{"takes every path", of(answers404), 1, `GET /no-such-path: expected 404, got 200`},
	{"takes every method", of(answers405), 1, `DELETE /: expected 405, got 200`},
	{"body for HEAD", of(answersHEAD), 1, `HEAD /: a body of 6 bytes follows`},
	{"no keep-alive", of(keepsConnections), 1, `request 2 on a connection: the service closed it after the one before`},
	{"accepts anything", of(refusesMalformed), 1, `expected 4xx, got 200`},
	{"accepts anything", of(refusesOversized), 1, `expected one of [400 413 414 431], got 200`},
	{"one at a time", of(servesBesideSlowClients), hurried, `next to 200 slow clients: `},
	{"drops some", of(servesManyConnections), 1, `of 500 failed, the first: ... the connection was closed without an answer`},
	{"takes too much", of(overMemory), 1, `exceeded its 128000000 bytes of memory: 1 kills`},
	{"any port", refusesBadPort, hurried, `PORT=http: it started nevertheless, and is ready`},
	{"chatty", refusesBadPort, 1, `PORT=http: expected one line about PORT on stderr, got ... panic: bad PORT`},
	{"ignores SIGTERM", of(endsAtSIGTERM), hurried, `after SIGTERM: ... still runs after 2s`},
	{"exits with 3", of(endsAtSIGTERM), 1, `after SIGTERM: ... ended with exit code 3, not 0`},
	{"ignores SIGTERM", drains, hurried, `GET /readyz: still 200 after ... expected 503`},
	{"stays ready", drains, hurried, `GET /readyz: still 200 after ... expected 503`},
	{"closes at once", drains, 1, `DRAIN_DELAY=2s: ... the connection was`},
	{"never closes", drains, hurried, `still accepts connections`},
	{"drops at the end", drains, 1, `a request in flight when the listener closed: check "echoes": POST /echo: the connection was closed without an answer`},
	{"drops what begins", drains, 1, `a request begun before SIGTERM and sent while draining: the connection was closed without an answer`},
	{"drops requests", losesNothing, 1, `requests failed, the first: ... after SIGTERM: the connection was`},
	{"ignores a second SIGTERM", endsAtSecondSIGTERM, hurried, `after a second SIGTERM: ... still runs after`},
	{"slow at a second SIGTERM", endsAtSecondSIGTERM, 1, `after a second SIGTERM: ended after ... 5s are allowed`},
	{"exits with 0 at a second SIGTERM", endsAtSecondSIGTERM, 1, `after a second SIGTERM: expected a non-zero exit code, got 0`},
}

// hurried is the pace where the fault is that nothing happens: no need to wait for it as long as for a slow service.
const hurried pace = 0.2

// TestControls: a faulty service is found out. TestAddedService proves that the same service without a fault is not.
func TestControls(t *testing.T) {
	t.Parallel()
	lab := open(t)
	service := lab.fixture(t, "control", nil)
	for _, control := range controls {
		t.Run(control.fault, func(t *testing.T) {
			t.Parallel()
			target := lab.target(service, lab.native)
			target.pace = control.pace
			target.service.Environment = map[string]string{"FAULT": control.fault}
			expectWords(t, control.keep(t, target), control.words)
		})
	}
}

// TestProtocolControls: the same for services that speak gRPC, and for workers.
func TestProtocolControls(t *testing.T) {
	t.Parallel()
	lab := open(t)
	grpc, worker := lab.newFixture("grpc"), lab.newFixture("worker")
	grpc.Protocol, grpc.Checks, grpc.Health = catalog.GRPC, nil, catalog.Health{Ready: "fixture"}
	worker.Protocol, worker.Checks, worker.Health, worker.Port = catalog.NoProtocol, nil, catalog.Health{}, 0
	for _, s := range []*catalog.Service{&grpc, &worker} {
		config := fixtureConfig()
		config.Healthcheck = nil
		config.Entrypoint = append(config.Entrypoint, strings.SplitN(s.Name, "-", 2)[0])
		if err := lab.load(t.Context(), *s, lab.native, config); err != nil {
			t.Fatal(err)
		}
	}
	for _, control := range []struct {
		service catalog.Service
		fault   string
		keep    func(testing.TB, target) error
		words   string
	}{
		{grpc, "", all, ""},
		{grpc, "unhealthy", starts, `was not ready within 12s: ... health of "": expected SERVING, got NOT_SERVING`},
		{grpc, "not ready", starts, `was not ready within 12s: ... health of "fixture": expected SERVING, got NOT_SERVING`},
		{grpc, "no health", starts, `was not ready within 12s: ... code = Unimplemented`},
		{grpc, "not ready", healthyThoughWaived, `health of "fixture": expected SERVING, got NOT_SERVING`},
		{grpc, "ignores SIGTERM", of(endsAtSIGTERM), `after SIGTERM: ... still runs after 2s`},
		{worker, "", all, ""},
		{worker, "exits with 3", starts, `ended with exit code 3 before it was ready`},
		{worker, "ignores SIGTERM", of(endsAtSIGTERM), `after SIGTERM: ... still runs after 2s`},
		{worker, "too large", starts, `was killed before it was ready: it exceeded its 128000000 bytes of memory`},
	} {
		t.Run(control.service.Name+" "+control.fault, func(t *testing.T) {
			t.Parallel()
			target := lab.target(control.service, lab.native)
			if control.fault == "ignores SIGTERM" || strings.Contains(control.words, "not ready within") {
				target.pace = hurried
			}
			target.service.Environment = map[string]string{"FAULT": control.fault}
			err := control.keep(t, target)
			if control.words != "" {
				expectWords(t, err, control.words)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
}

// TestOneFault: a fault shows as the promise that it breaks. What strains the service later finds it started again, and what
// a kill for memory interrupts is not counted against it.
func TestOneFault(t *testing.T) {
	t.Parallel()
	lab := *open(t)
	lab.sigterms = 1
	service := lab.fixture(t, "fault", nil)
	for fault, want := range map[string]string{
		"crashes":        "FAILED: head",
		"takes too much": "FAILED: memory, %d NOT TRIED",
		"unhealthy":      "FAILED: starts, 1 NOT TRIED",
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			target := lab.target(service, lab.native)
			target.service.Environment = map[string]string{"FAULT": fault}
			if fault == "unhealthy" {
				target.pace = hurried
			}
			r := &result{service: service.Name, platform: lab.native}
			each := func(_ string, test func(testing.TB)) { test(quiet{t}) }
			target.prove(quiet{t}, each, newWaivers(target.service), r, true)
			if strings.Contains(want, "%d") {
				want = fmt.Sprintf(want, len(r.checks.notTried)+len(r.promises.notTried))
			}
			if got := r.verdict(); got != want {
				t.Errorf("got %s, want %s\n%+v", got, want, r)
			}
		})
	}
}

// TestImageControls: an image that breaks the contract by its own configuration.
func TestImageControls(t *testing.T) {
	t.Parallel()
	lab := open(t)
	for name, control := range map[string]struct {
		change func(*v1.Config)
		words  string
	}{
		"root":           {func(c *v1.Config) { c.User = "" }, `the image runs as user "": a number is needed`},
		"root-by-number": {func(c *v1.Config) { c.User = "0:0" }, `the image runs as root (user "0:0")`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			target := lab.target(lab.fixture(t, name, control.change), lab.native)
			expectWords(t, of(isConfined)(t, target), control.words)
		})
	}
	t.Run("absent", func(t *testing.T) {
		target := lab.target(lab.newFixture("absent"), lab.native)
		expectWords(t, starts(t, target), "is not in the engine: run `go tool mage build -services=absent")
	})
}

// of asks a promise of a container of its own.
func of(keep func(context.Context, subject) error) func(testing.TB, target) error {
	return func(tb testing.TB, t target) error { return t.with(tb, nil, keep) }
}

// greets is the fixture's first declared check.
func greets(ctx context.Context, s subject) error { return declared(s.service.Checks[0])(ctx, s) }

func starts(tb testing.TB, t target) error {
	_, err := t.run(tb)
	return err
}

// healthy asks a container that has its HEALTHCHECK.
func healthy(tb testing.TB, t target) error {
	s, err := t.run(tb, t.probed())
	if err != nil {
		return err
	}
	return isHealthy(tb.Context(), s)
}

// healthyThoughWaived: a service whose health is waived starts, and is asked all the same.
func healthyThoughWaived(tb testing.TB, t target) error {
	t.service.Allow = []catalog.Waiver{{Promise: "healthy", Reason: "a test's"}}
	return healthy(tb, t)
}

// all asks everything that the protocol promises.
func all(tb testing.TB, t target) error {
	s, err := t.run(tb, t.probed())
	if err != nil {
		return err
	}
	for _, p := range promised(t.service.Protocol) {
		if p.keep == nil {
			err = p.alone(tb, t)
		} else {
			err = p.keep(tb.Context(), s)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", p.key, err)
		}
	}
	return nil
}

// overMemory makes the service take memory before it looks.
func overMemory(ctx context.Context, s subject) error {
	_ = serves(ctx, s) // it is killed before it answers
	return staysWithinMemory(ctx, s)
}

// quiet is a test whose failures are expected: they are logged.
type quiet struct{ testing.TB }

func (q quiet) Error(args ...any)                { q.Log(args...) }
func (q quiet) Skip(args ...any)                 { q.Log(args...) }
func (q quiet) Skipf(format string, args ...any) { q.Logf(format, args...) }

func expectWords(t *testing.T, err error, words string) {
	t.Helper()
	if err == nil {
		t.Fatalf("the fault was not found; expected: %s", words)
	}
	t.Log(err)
	rest := err.Error()
	for _, part := range strings.Split(words, " ... ") {
		_, after, found := strings.Cut(rest, part)
		if !found {
			t.Fatalf("got:  %v\nwant: %s", err, words)
		}
		rest = after
	}
}
