package integration

import (
	"context"
	"flag"
	"fmt"
	"sync/atomic"
	"time"
)

// sigterms is how often SIGTERM is tried while clients are at work; fewer are enough for who is in the middle of a change.
var sigterms = flag.Int("sigterms", 50, "how often SIGTERM is tried on each service while clients are at work")

const (
	// sigtermsEmulated is less: each start of an emulated interpreter takes seconds of a whole processor, and the code that
	// handles the signal is the same on both platforms.
	sigtermsEmulated = 2
	// sigtermsAtOnce containers take turns, since most of each turn is waiting.
	sigtermsAtOnce = 5
	// sigtermDelay is DRAIN_DELAY, and for sigtermGoOn of it the clients go on. The rest is for what they have sent to reach
	// a service that has to share its processor.
	sigtermDelay = 1 * time.Second
	sigtermGoOn  = 300 * time.Millisecond
)

// losesNothing: time and again the service gets SIGTERM while clients are at work, and no request fails. The clients do as
// a load balancer does, which stops a while after the ready path tells it to. What is sent when the listener closes is
// nobody's promise: the kernel takes a connection that the service will never see.
func losesNothing(ctx context.Context, t target) error {
	turns, delay := t.sigterms, t.pace.bound(sigtermDelay)
	var answered atomic.Int64
	err := atOnce(min(turns, sigtermsAtOnce), func(worker int) error {
		return t.with(ctx, func(s subject) error {
			if !s.direct {
				return errThroughProxy
			}
			for turn := worker; turn < turns; turn += sigtermsAtOnce {
				n, err := losesNothingOnce(ctx, s, time.Duration(turn)*time.Millisecond)
				answered.Add(int64(n))
				if err != nil {
					return fmt.Errorf("SIGTERM %d of %d: %w", turn+1, turns, err)
				}
				if turn+sigtermsAtOnce >= turns {
					break
				}
				if s, err = s.restart(ctx); err != nil {
					return err
				}
			}
			return nil
		}, "DRAIN_DELAY", fmt.Sprintf("%dms", delay.Milliseconds()))
	})
	if err == nil && t.fact != nil {
		t.fact("SIGTERM %d times while clients were at work: %d requests, none failed", turns, answered.Load())
	}
	return err
}

// losesNothingOnce sends one SIGTERM, at a moment that differs a little each time. It counts the requests that were answered.
func losesNothingOnce(ctx context.Context, s subject, moment time.Duration) (answered int, err error) {
	clients := startTraffic(ctx, s)
	time.Sleep(100*time.Millisecond + moment)
	sent, err := clients.terminate(ctx, s, s.pace.bound(sigtermGoOn))
	time.Sleep(time.Until(sent.Add(s.pace.bound(sigtermGoOn))))
	// A client's failure explains more than that the signal could not be sent.
	if failed := clients.stop(); failed != nil {
		return clients.answered, failed
	}
	if err != nil {
		return clients.answered, err
	}
	code, err := s.Exit(ctx, s.pace.bound(stopWithin))
	if err == nil && code != 0 {
		err = fmt.Errorf("expected exit code 0, got %d", code)
	}
	return clients.answered, err
}
