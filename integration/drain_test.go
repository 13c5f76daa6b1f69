package integration

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"syscall"
	"testing"
	"time"
)

// drain is DRAIN_DELAY, and how long before its end the clients stop, so that none of them is late on a busy machine.
func (p pace) drain() (delay, slack time.Duration) {
	if p > 1 {
		return 5 * time.Second, 2 * time.Second
	}
	return 2 * time.Second, 500 * time.Millisecond
}

// errThroughProxy is why what a service accepts cannot be seen everywhere.
const errThroughProxy = notTriedError("containers are reached through a proxy, which accepts connections that the service refuses; so in Docker Desktop, not on Linux")

// drains: after SIGTERM the service answers at once that it is not ready, and goes on serving for DRAIN_DELAY, so that whoever
// sends it requests has time to stop. Then it takes no more, ends what is in flight, and exits with 0.
func drains(tb testing.TB, t target) error {
	err := t.pace.unlessSlow(func() error { return drainsOnce(tb, t) })
	if err != nil {
		t.drained.Store(0)
	}
	return err
}

func drainsOnce(tb testing.TB, t target) error {
	drainDelay, _ := t.pace.drain()
	return t.with(tb, map[string]string{"DRAIN_DELAY": drainDelay.String()}, func(ctx context.Context, s subject) error {
		if !s.direct {
			return errThroughProxy
		}
		begun, err := begin(ctx, s, s.head(http.MethodGet, s.works().Path))
		if err != nil {
			return err
		}
		defer begun.Close()
		uploads, err := beginUploads(ctx, s)
		defer uploads.close()
		if err != nil {
			return err
		}
		sent, err := servesWhileDraining(ctx, s, begun)
		if err == nil {
			err = untilClosed(ctx, s, sent)
		}
		if err != nil {
			return fmt.Errorf("DRAIN_DELAY=%s: %w", drainDelay, err)
		}
		if err := uploads.finish(); err != nil {
			return fmt.Errorf("a request in flight when the listener closed: %w", err)
		}
		code, err := s.exit(ctx, s.pace.bound(stopWithin))
		if err != nil {
			return fmt.Errorf("after draining: %w", err)
		}
		if code != 0 {
			return fmt.Errorf("after draining: expected exit code 0, got %d", code)
		}
		return nil
	})
}

// servesWhileDraining sends SIGTERM and returns, when nothing has failed, shortly before DRAIN_DELAY is over.
func servesWhileDraining(ctx context.Context, s subject, begun *connection) (sent time.Time, err error) {
	drainDelay, drainSlack := s.pace.drain()
	clients := startTraffic(ctx, s)
	defer func() {
		// A client's failure explains more than one of the observer.
		if failed := clients.stop(); failed != nil {
			err = failed
		}
		s.drained.Store(int64(clients.answered))
	}()
	time.Sleep(drainSlack / 2)
	if sent, err = clients.terminate(ctx, s, drainDelay-drainSlack); err != nil {
		return sent, err
	}
	if err := untilNotReady(ctx, s, min(s.pace.bound(atOnceWithin), drainDelay/2)); err != nil {
		return sent, err
	}
	if took := time.Since(sent); took > drainDelay-drainSlack {
		return sent, tooSlowError(fmt.Sprintf("it took %s to send SIGTERM and see its effect, too long to judge what follows", took.Round(time.Millisecond)))
	}
	if _, err := io.WriteString(begun, "Connection: close\r\n\r\n"); err != nil && !gone(err) {
		return sent, err
	}
	if err := s.expectOK(begun.answer(http.MethodGet)); err != nil {
		return sent, fmt.Errorf("a request begun before SIGTERM and sent while draining: %w", err)
	}
	time.Sleep(time.Until(sent.Add(drainDelay - drainSlack)))
	return sent, nil
}

// begin sends a part of a request on a connection of its own.
func begin(ctx context.Context, s subject, part string) (*connection, error) {
	drainDelay, _ := s.pace.drain()
	c, err := dial(ctx, s, drainDelay+s.pace.bound(patience))
	if err != nil {
		return nil, err
	}
	if _, err := io.WriteString(c, part); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// untilClosed waits until the service refuses connections, which must be when DRAIN_DELAY is over and not before.
func untilClosed(ctx context.Context, s subject, sent time.Time) error {
	drainDelay, drainSlack := s.pace.drain()
	latest := drainDelay + s.pace.bound(2*time.Second)
	for {
		c, err := dial(ctx, s, time.Second)
		after := time.Since(sent)
		if err == nil {
			c.Close()
		}
		switch refused := errors.Is(err, syscall.ECONNREFUSED); {
		case refused && after < drainDelay-drainSlack/5:
			return fmt.Errorf("refuses connections %s after SIGTERM with DRAIN_DELAY=%s", after.Round(time.Millisecond), drainDelay)
		case refused:
			return nil
		case after > latest && err == nil:
			return tooSlowError(fmt.Sprintf("still accepts connections %s after SIGTERM with DRAIN_DELAY=%s", after.Round(time.Millisecond), drainDelay))
		case after > latest:
			return fmt.Errorf("%s after SIGTERM with DRAIN_DELAY=%s: %w", after.Round(time.Millisecond), drainDelay, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}
