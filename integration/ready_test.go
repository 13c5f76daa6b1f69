package integration

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/wait"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/httpcheck"
	"example.com/stagecraft/internal/limits"
)

const (
	// startWithinEmulated is what an emulated interpreter needs on a busy machine.
	startWithinEmulated = 10 * time.Minute
	pollEvery           = 50 * time.Millisecond
	// moment is how long a process without a health check must run to count as started.
	moment = 5 * time.Second
)

// startWithin is the bound for this target. A pace below 1 is a test's that expects a failure.
func (t target) startWithin() time.Duration {
	return min(t.pace.bound(limits.Start), startWithinEmulated)
}

// ready is what to wait for before anything is asked of a service. A service whose health is waived only has to answer.
func (t target) ready(probe bool) *wait.MultiStrategy {
	health, within := t.service.Health, t.startWithin()
	answers := func(path string) wait.Strategy {
		return wait.ForHTTP(path).WithPort(t.port()).WithPollInterval(pollEvery).WithStartupTimeout(within)
	}
	var all []wait.Strategy
	switch waived := t.waives("healthy"); {
	case t.service.Protocol == catalog.HTTP && waived:
		all = append(all, answers(t.works().Path))
	case t.service.Protocol == catalog.HTTP:
		all = append(all, answers(health.Live), answers(health.Ready))
	case t.service.Protocol == catalog.GRPC && waived:
		all = append(all, wait.ForListeningPort(t.port()).SkipInternalCheck().WithStartupTimeout(within))
	case t.service.Protocol == catalog.GRPC:
		all = append(all, t.forGRPC(health.Live), t.forGRPC(health.Ready))
	case probe:
		all = append(all, wait.ForHealthCheck().WithPollInterval(pollEvery).WithStartupTimeout(within))
	default:
		all = append(all, wait.ForNop(t.runsOn))
	}
	return wait.ForAll(all...).WithDeadline(within)
}

// atOnceReady waits for nothing.
func atOnceReady(context.Context, wait.StrategyTarget) error { return nil }

// until replaces what is waited for.
func (t target) until(strategies ...wait.Strategy) testcontainers.CustomizeRequestOption {
	return testcontainers.WithWaitStrategyAndDeadline(t.startWithin(), strategies...)
}

// runsOn waits for a process that nothing can be asked of: a worker still runs after a moment, a job has ended with 0.
func (t target) runsOn(ctx context.Context, of wait.StrategyTarget) error {
	for end := time.Now().Add(t.pace.bound(moment)); ; time.Sleep(pollEvery) {
		state, err := of.State(ctx)
		switch {
		case err != nil:
			return err
		case state.Status == container.StateExited && (state.ExitCode != 0 || state.OOMKilled):
			return fmt.Errorf("exit code %d", state.ExitCode)
		case state.Status == container.StateExited, time.Now().After(end):
			return nil
		}
	}
}

// notReady says why a container that was started is not ready, with its last log lines.
func (s subject) notReady(ctx context.Context, cause error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookWithin)
	defer cancel()
	if s.DockerContainer == nil {
		return fmt.Errorf("starting %s: %w", s.target, cause)
	}
	state, err := s.State(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("starting %s: %w", s.target, errors.Join(cause, err))
	case state.OOMKilled:
		return s.explain(ctx, killedError{fmt.Errorf("%s was killed before it was ready: it exceeded its %d bytes of memory", s.target, s.memory())})
	case state.Running:
		return s.explain(ctx, fmt.Errorf("%s was not ready within %s: %s", s.target, s.startWithin(), s.missing(ctx, state, cause)))
	case state.Status == container.StateExited && state.Error == "":
		return s.explain(ctx, fmt.Errorf("%s ended with exit code %d before it was ready", s.target, state.ExitCode))
	}
	return s.explain(ctx, fmt.Errorf("starting %s: %w", s.target, cause))
}

// missing is what a running service lacks to be ready.
func (s subject) missing(ctx context.Context, state *container.State, cause error) string {
	switch s.service.Protocol {
	case catalog.HTTP:
		paths := []string{s.service.Health.Live, s.service.Health.Ready}
		if s.waives("healthy") {
			paths = []string{s.works().Path}
		}
		base, err := s.PortEndpoint(ctx, s.port(), "http")
		if err != nil {
			return err.Error()
		}
		for _, path := range paths {
			if lack := lacks(ctx, base, path); lack != "" {
				return lack
			}
		}
	case catalog.GRPC:
		port, err := s.MappedPort(ctx, s.port())
		if err != nil {
			return err.Error()
		}
		for _, service := range []string{s.service.Health.Live, s.service.Health.Ready} {
			if err := serving(ctx, loopback.String()+":"+port.Port(), service); err != nil {
				return err.Error()
			}
		}
	case catalog.NoProtocol:
		if state.Health != nil {
			return health(state.Health)
		}
	}
	return cause.Error()
}

func lacks(ctx context.Context, base, path string) string {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, base+path, http.NoBody)
	if err != nil {
		return err.Error()
	}
	response, err := httpcheck.Client.Do(request)
	if err != nil {
		return fmt.Sprintf("GET %s: %v", path, err)
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusOK {
		return ""
	}
	body, _ := io.ReadAll(io.LimitReader(response.Body, httpcheck.MaxShown))
	return fmt.Sprintf("GET %s: expected 200, got %d with %s", path, response.StatusCode, httpcheck.Shorten(body))
}

// health is what the engine's own health check found.
func health(h *container.Health) string {
	if len(h.Log) == 0 {
		return fmt.Sprintf("HEALTHCHECK is %q: no probe has ended yet", h.Status)
	}
	last := h.Log[len(h.Log)-1]
	return fmt.Sprintf("HEALTHCHECK is %q: the last probe ended with %d and wrote %s", h.Status, last.ExitCode, httpcheck.Shorten([]byte(strings.TrimSpace(last.Output))))
}
