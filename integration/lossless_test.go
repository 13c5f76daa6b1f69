package integration

import (
	"context"
	"flag"
	"fmt"
	"sync/atomic"
	"testing"
	"time"
)

var sigterms = flag.Int("sigterms", 50, "how often SIGTERM is sent to each service while clients are at work, as far as time allows")

const (
	// sigtermsAtOnce containers take turns, since most of each turn is waiting.
	sigtermsAtOnce = 5
	// sigtermsWithin is when they begin no further turn: starting an interpreter 50 times takes a minute of two processors.
	// Each has at least sigtermsEach turns.
	sigtermsWithin = 20 * time.Second
	sigtermsEach   = 2
	// sigtermsExample is for services that show how something is done.
	sigtermsExample = sigtermsAtOnce * sigtermsEach
	// sigtermsEmulated is less: each start of an emulated interpreter takes many seconds of a processor, and the code that
	// handles the signal is the same on both platforms.
	sigtermsEmulated = 1
	// sigtermDelay is DRAIN_DELAY, and for sigtermGoOn of it the clients go on. The rest is for what they have sent to reach
	// a service that has to share its processor.
	sigtermDelay = 1 * time.Second
	sigtermGoOn  = 300 * time.Millisecond
)

// losesNothing: time and again the service gets SIGTERM while clients are at work, and no request fails. The clients do as
// a load balancer does, which stops a while after the ready path has changed. What is sent when the listener closes is
// nobody's promise: the kernel takes a connection that the service will never see.
func losesNothing(tb testing.TB, t target) error {
	if t.pace > 1 && t.drained.Load() > 0 { // with one SIGTERM, it would do the same as drains
		t.report("SIGTERM once while clients were at work: %d requests, none failed", t.drained.Load())
		return nil
	}
	env := map[string]string{"DRAIN_DELAY": fmt.Sprintf("%dms", t.pace.bound(sigtermDelay).Milliseconds())}
	end := time.Now().Add(sigtermsWithin)
	var begun, answered, inTime atomic.Int64
	err := atOnce(min(t.sigterms, sigtermsAtOnce), func(int) error {
		return t.with(tb, env, func(ctx context.Context, s subject) error {
			if !s.direct {
				return errThroughProxy
			}
			for turn := 1; ; turn++ {
				number := begun.Add(1)
				n, late, err := losesNothingOnce(ctx, s, time.Duration(number)*time.Millisecond)
				answered.Add(int64(n))
				if !late {
					inTime.Add(1)
				}
				if err != nil {
					return fmt.Errorf("SIGTERM %d: %w", number, err)
				}
				if begun.Load() >= int64(t.sigterms) || turn >= sigtermsEach && time.Now().After(end) {
					return nil
				}
				if err := s.restart(ctx); err != nil {
					return err
				}
			}
		})
	})
	if err == nil && inTime.Load() == 0 {
		return notTriedError("the machine is so busy that each SIGTERM came when the clients were about to stop")
	}
	if err == nil {
		t.report("SIGTERM %d times while clients were at work: %d requests, none failed", begun.Load(), answered.Load())
	}
	return err
}

// losesNothingOnce sends one SIGTERM, at a moment that differs a little each time. It counts the requests that were answered. It is
// late when hardly any requests followed: it proves nothing then.
func losesNothingOnce(ctx context.Context, s subject, moment time.Duration) (answered int, late bool, err error) {
	clients := startTraffic(ctx, s)
	time.Sleep(100*time.Millisecond + moment)
	sent, err := clients.terminate(ctx, s, s.pace.bound(sigtermGoOn))
	late = time.Since(sent) > s.pace.bound(sigtermGoOn)/2
	time.Sleep(time.Until(sent.Add(s.pace.bound(sigtermGoOn))))
	// A client's failure explains more than that the signal could not be sent.
	if failed := clients.stop(); failed != nil {
		return clients.answered, late, failed
	}
	if err != nil {
		return clients.answered, late, err
	}
	code, err := s.exit(ctx, s.pace.bound(stopWithin))
	if err == nil && code != 0 {
		err = fmt.Errorf("expected exit code 0, got %d", code)
	}
	return clients.answered, late, err
}
