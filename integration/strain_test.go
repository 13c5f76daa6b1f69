package integration

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

const (
	manyConnections = 500
	// manyEmulated is fewer: each costs an emulated interpreter much of a processor.
	manyEmulated = 100
	// manyWithin is for one answer on each of the connections.
	manyWithin = 20 * time.Second
)

// servesManyConnections: 500 clients that keep their connections open all get complete answers, twice. Between the two, a
// service may close a connection that is idle; its client connects again, as clients do.
func servesManyConnections(ctx context.Context, s subject) error {
	connections, within := manyConnections, s.pace.bound(2*manyWithin)
	if s.pace == emulated {
		connections = manyEmulated
	}
	var first sync.WaitGroup
	first.Add(connections)
	return atOnce(connections, func(int) error {
		met := sync.OnceFunc(first.Done)
		defer met()
		c, err := dial(ctx, s, within)
		if err != nil {
			return err
		}
		defer c.Close()
		if err := s.expectOK(c.ask(s)); err != nil {
			return fmt.Errorf("first request: %w", err)
		}
		met()
		first.Wait() // so that all are open at the same time
		got, err := c.ask(s)
		if errors.Is(err, errSilent) {
			another, refused := dial(ctx, s, within)
			if refused != nil {
				return refused
			}
			defer another.Close()
			got, err = another.ask(s)
		}
		if err := s.expectOK(got, err); err != nil {
			return fmt.Errorf("second request: %w", err)
		}
		return nil
	})
}
