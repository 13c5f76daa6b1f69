package integration

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

const (
	trafficClients = 6
	// trafficPause keeps the clients from taking the processors that the service and its neighbours need.
	trafficPause = 2 * time.Millisecond
)

// traffic is clients at work: half of them keep their connection, half make a new one for each request. A request has
// failed when it was accepted and got no complete answer, or was refused although the service still had to serve.
type traffic struct {
	enough chan struct{}
	group  sync.WaitGroup

	mu       sync.Mutex
	sent     time.Time // when SIGTERM was sent; zero: not yet
	until    time.Time // when the clients stop by themselves; zero: never
	answered int
	failed   []error
}

func startTraffic(ctx context.Context, s subject) *traffic {
	t := &traffic{enough: make(chan struct{})}
	for i := range trafficClients {
		t.group.Go(func() { t.client(ctx, s, i%2 == 0) })
	}
	return t
}

// terminate sends SIGTERM while the clients work, which go on for the given time: they stop even when this program or the
// engine is held up. It returns when it began to send, and the service has got the signal when it returns.
func (t *traffic) terminate(ctx context.Context, s subject, goOn time.Duration) (time.Time, error) {
	t.mu.Lock()
	t.sent = time.Now()
	t.until = t.sent.Add(goOn)
	t.mu.Unlock()
	return t.sent, s.sigterm(ctx)
}

// stop lets each client end the request that it is at, and returns what failed.
func (t *traffic) stop() error {
	close(t.enough)
	t.group.Wait()
	if len(t.failed) > 0 {
		return fmt.Errorf("%d of %d requests failed, the first: %w", len(t.failed), len(t.failed)+t.answered, t.failed[0])
	}
	if t.answered == 0 {
		return errors.New("no request was answered")
	}
	return nil
}

func (t *traffic) client(ctx context.Context, s subject, keeps bool) {
	var c *connection
	hangUp := func() {
		if c != nil {
			c.Close()
			c = nil
		}
	}
	defer hangUp()
	for {
		select {
		case <-t.enough:
			return
		case <-time.After(trafficPause):
			if t.over() {
				return
			}
		}
		used := c != nil
		var got answer
		var err error
		if !used {
			c, err = dial(ctx, s, s.pace.bound(patience))
		}
		if err == nil {
			got, err = c.ask(s)
		}
		// RFC 9112, 9.3.1: a connection that had been idle may be closed just when a request is sent; it is sent again.
		if !used || !errors.Is(err, errSilent) {
			t.count(s.expectOK(got, err))
		}
		if err != nil || got.last || !keeps {
			hangUp()
		}
	}
}

func (t *traffic) over() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return !t.until.IsZero() && time.Now().After(t.until)
}

func (t *traffic) count(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case err == nil:
		t.answered++
	case t.sent.IsZero():
		t.failed = append(t.failed, fmt.Errorf("before SIGTERM: %w", err))
	default:
		t.failed = append(t.failed, fmt.Errorf("%s after SIGTERM: %w", time.Since(t.sent).Round(time.Millisecond), err))
	}
}
