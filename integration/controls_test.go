package integration

import (
	"context"
	"strings"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// controls are services with one fault each. The promise that the fault breaks must be the one to find it, in words that say
// what is wrong; a promise that no fault can break proves nothing.
var controls = []struct {
	fault string
	keep  func(context.Context, target) error
	pace  pace
	words string // in order; " ... " stands for anything
}{
	{"wrong body", of(greets), 1, `check "greets": GET /: body: expected exactly "Hello\n", got "Good bye\n"`},
	{"unhealthy", starts, 1, `was not ready after ... GET /healthz: expected 200, got 500 with "the database is gone\n"`},
	{"failing probe", starts, 1, `was not ready after ... HEALTHCHECK is "starting": the last probe ended with 1 and said "fixture: /healthz answered 200 OK"`},
	{"writes to root", starts, 1, `ended with exit code 1 before it was ready; it wrote last: ... stderr: fixture: open /state: read-only file system`},
	{"takes every path", of(answers404), 1, `GET /no-such-path: expected 404, got 200`},
	{"takes every method", of(answers405), 1, `DELETE /: expected 405, got 200`},
	{"body for HEAD", of(answersHEAD), 1, `HEAD /: a body of 6 bytes follows`},
	{"no keep-alive", of(keepsConnections), 1, `request 2 on a connection: the service closed it after the one before`},
	{"accepts anything", of(refusesMalformed), 1, `expected 4xx, got 200`},
	{"accepts anything", of(refusesOversized), 1, `expected one of [400 413 414 431], got 200`},
	{"one at a time", of(bearsSlowClients), 1, `besides 200 slow clients: ... answered after`},
	{"drops some", of(servesManyConnections), 1, `of 500 failed, the first: ... the connection was closed without an answer`},
	{"takes too much", of(overMemory), 1, `exceeded its 128000000 bytes of memory: 1 kills`},
	{"any port", refusesBadPort, hurried, `PORT=http: ... still runs after 6s`},
	{"chatty", refusesBadPort, 1, `PORT=http: expected one line about PORT on stderr, got ... panic: bad PORT`},
	{"ignores SIGTERM", of(endsAtSIGTERM), hurried, `after SIGTERM: ... still runs after 2s`},
	{"exits with 3", of(endsAtSIGTERM), 1, `after SIGTERM: ... ended with exit code 3, not 0`},
	{"ignores SIGTERM", drains, 1, `GET /readyz: still 200 after ... expected 503`},
	{"stays ready", drains, 1, `GET /readyz: still 200 after ... expected 503`},
	{"closes at once", drains, 1, `DRAIN_DELAY=2s: ... the connection was`},
	{"never closes", drains, 1, `still accepts connections`},
	{"drops at the end", drains, 1, `a request in flight when the listener closed: check "echoes": POST /echo: the connection was closed without an answer`},
	{"drops what begins", drains, 1, `a request begun before SIGTERM and sent while draining: the connection was closed without an answer`},
	{"drops requests", losesNothing, 1, `requests failed, the first: ... after SIGTERM: the connection was`},
	{"ignores a second SIGTERM", endsAtSecondSIGTERM, hurried, `after a second SIGTERM: ... still runs after`},
	{"muses at a second SIGTERM", endsAtSecondSIGTERM, 1, `3 times: after a second SIGTERM: ended after ... 1s are allowed`},
	{"smiles at a second SIGTERM", endsAtSecondSIGTERM, 1, `after a second SIGTERM: expected a non-zero exit code, got 0`},
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
			expectWords(t, control.keep(t.Context(), target), control.words)
		})
	}
}

// TestImageControls: an image that breaks the contract by its own configuration is not even started.
func TestImageControls(t *testing.T) {
	t.Parallel()
	lab := open(t)
	for name, control := range map[string]struct {
		change func(*v1.Config)
		words  string
	}{
		"root":           {func(c *v1.Config) { c.User = "" }, `runs as user "": a number is needed`},
		"root-by-number": {func(c *v1.Config) { c.User = "0:0" }, `runs as root (user "0:0")`},
		"no-probe":       {func(c *v1.Config) { c.Healthcheck = nil }, `has no HEALTHCHECK`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			target := lab.target(lab.fixture(t, name, control.change), lab.native)
			expectWords(t, starts(t.Context(), target), control.words)
		})
	}
	t.Run("absent", func(t *testing.T) {
		target := lab.target(fixture("absent"), lab.native)
		expectWords(t, starts(t.Context(), target), "is not in the engine: run `go tool mage build -services=absent`")
	})
}

// of asks a promise of a container of its own.
func of(keep func(context.Context, subject) error) func(context.Context, target) error {
	return func(ctx context.Context, t target) error {
		return t.with(ctx, func(s subject) error { return keep(ctx, s) })
	}
}

// greets is the fixture's first declared check.
func greets(ctx context.Context, s subject) error { return declared(s.Service)[0].keep(ctx, s) }

// starts does not wait for a faulty service as long as for a slow one.
func starts(ctx context.Context, t target) error {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	container, err := t.runner.Start(ctx, t.spec())
	if err != nil {
		return err
	}
	return container.Remove(ctx)
}

// overMemory makes the service take memory before it looks.
func overMemory(ctx context.Context, s subject) error {
	serves(ctx, s)
	return staysWithinMemory(ctx, s)
}

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
