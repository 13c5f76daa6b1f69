package integration

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"testing"

	"example.com/stagecraft/internal/catalog"
)

const (
	stops          = 20  // times a service is stopped
	stoppedClients = 100 // clients that connect meanwhile; the kernel keeps at least 128 for a listener
)

// TestStopped: a process that does not run for a while, as on a machine without a free processor, loses no client that the
// kernel has accepted for it, though SIGTERM is the first thing that it sees. It is no promise, as good servers of other people's
// lose such clients: a load balancer that watches the ready path sends none.
func TestStopped(t *testing.T) {
	eachHTTPService(t, survivesStops)
}

// eachHTTPService asks something of every HTTP service, on the engine's own platform, that is no promise.
func eachHTTPService(t *testing.T, keep func(context.Context, subject) error) {
	t.Helper()
	t.Parallel()
	lab := open(t)
	for _, service := range lab.repository.Services {
		if service.Protocol != catalog.HTTP {
			continue
		}
		t.Run(service.Name, func(t *testing.T) {
			t.Parallel()
			if err := lab.target(service, lab.native).with(t, nil, keep); err != nil {
				t.Error(err)
			}
		})
	}
}

// Negative control: a listener that closes first.
func TestStoppedControl(t *testing.T) {
	t.Parallel()
	lab := open(t)
	target := lab.target(lab.fixture(t, "stopped", nil), lab.native)
	err := target.with(t, map[string]string{"FAULT": "closes at once"}, survivesStops)
	expectWords(t, err, `of 100 failed, the first: `)
}

func survivesStops(ctx context.Context, s subject) error {
	for round := range stops {
		if err := answersWhoConnected(ctx, s); err != nil {
			return fmt.Errorf("stop %d: %w", round+1, err)
		}
		if err := s.restart(ctx); err != nil {
			return err
		}
	}
	return nil
}

// answersWhoConnected stops a service, connects clients, lets it see SIGTERM first, and expects all of them to be answered.
func answersWhoConnected(ctx context.Context, s subject) error {
	if !s.direct {
		return errThroughProxy
	}
	if err := s.signal(ctx, "SIGSTOP"); err != nil {
		return err
	}
	var clients [stoppedClients]*connection
	err := atOnce(stoppedClients, func(i int) (err error) {
		if clients[i], err = dial(ctx, s, s.pace.bound(patience)); err == nil {
			_, err = io.WriteString(clients[i], s.head(http.MethodGet, s.works().Path)+"Connection: close\r\n\r\n")
		}
		return err
	})
	for _, signal := range []string{"SIGTERM", "SIGCONT"} {
		if err == nil {
			err = s.signal(ctx, signal)
		}
	}
	if err != nil {
		return err
	}
	err = atOnce(stoppedClients, func(i int) error {
		defer clients[i].Close()
		_, err := clients[i].answer(http.MethodGet)
		return err
	})
	if err != nil {
		return err
	}
	code, err := s.exit(ctx, s.pace.bound(stopWithin))
	if err == nil && code != 0 {
		err = fmt.Errorf("expected exit code 0, got %d", code)
	}
	return err
}
