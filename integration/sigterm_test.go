package integration

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/limits"
)

const (
	stopWithin = limits.Stop
	// secondWithin is how long a service may take to end after a second SIGTERM, a busy engine to notice included.
	secondWithin = 5 * time.Second
	// atOnceWithin is how soon the ready path must answer that the service is about to end.
	atOnceWithin = 500 * time.Millisecond
)

// endsAtSIGTERM: with its default settings the service ends by itself with exit code 0. It must have survived all that was
// done to it before.
func endsAtSIGTERM(ctx context.Context, s subject) error {
	state, err := s.State(ctx)
	if err == nil && s.isJob(state) {
		return notTriedError("it is a job, which ends by itself")
	}
	return s.stop(ctx, s.pace.bound(stopWithin))
}

// isJob reports whether a service without a protocol has done its work and ended well.
func (t target) isJob(state *container.State) bool {
	return t.service.Protocol == catalog.NoProtocol && state.Status == container.StateExited && state.ExitCode == 0
}

// endsAtSecondSIGTERM: a second SIGTERM means that nobody wants to wait: the service ends at once, and its exit code shows it.
func endsAtSecondSIGTERM(tb testing.TB, t target) error {
	return t.pace.unlessSlow(func() error { return endsAtSecondSIGTERMOnce(tb, t) })
}

func endsAtSecondSIGTERMOnce(tb testing.TB, t target) error {
	return t.with(tb, map[string]string{"DRAIN_DELAY": "60s"}, func(ctx context.Context, s subject) error {
		if err := s.sigterm(ctx); err != nil {
			return err
		}
		if err := untilNotReady(ctx, s, s.pace.bound(stopWithin)); err != nil {
			return fmt.Errorf("after the first SIGTERM: %w", err)
		}
		if err := s.sigterm(ctx); err != nil {
			return fmt.Errorf("the second time, although DRAIN_DELAY is not over: %w", err)
		}
		second := time.Now()
		code, err := s.exit(ctx, s.pace.bound(stopWithin))
		took := time.Since(second)
		switch {
		case err != nil:
			return fmt.Errorf("after a second SIGTERM: %w", err)
		case code == 0:
			return fmt.Errorf("after a second SIGTERM: expected a non-zero exit code, got 0 (after %s)", took.Round(time.Millisecond))
		case took > s.pace.bound(secondWithin):
			return tooSlowError(fmt.Sprintf("after a second SIGTERM: ended after %s; %s are allowed", took.Round(time.Millisecond), s.pace.bound(secondWithin)))
		}
		return nil
	})
}

// untilNotReady waits until the ready path answers 503.
func untilNotReady(ctx context.Context, s subject, within time.Duration) error {
	path := s.service.Health.Ready
	for start := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		got, err := get(ctx, s, path)
		switch {
		case err != nil:
			return err
		case got.status == http.StatusServiceUnavailable:
			return nil
		case got.status != http.StatusOK:
			return fmt.Errorf("GET %s: expected 503, got %d", path, got.status)
		case time.Since(start) > within:
			return tooSlowError(fmt.Sprintf("GET %s: still 200 after %s, expected 503", path, time.Since(start).Round(time.Millisecond)))
		}
	}
}
