package integration

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
)

const (
	manyConnections = 500
	// manyWithin is for one answer on each of the connections.
	manyWithin = 20 * time.Second
)

// servesManyConnections: 500 clients that keep their connections open all get complete answers, twice. Between the two, a
// service may close a connection that is idle; its client connects anew, as clients do.
func servesManyConnections(ctx context.Context, s subject) error {
	within := s.pace.bound(2 * manyWithin)
	var first sync.WaitGroup
	first.Add(manyConnections)
	return atOnce(manyConnections, func(int) error {
		met := sync.OnceFunc(first.Done)
		defer met()
		c, err := dial(ctx, s, within)
		if err != nil {
			return err
		}
		defer c.Close()
		if err := expectOK(c.ask(http.MethodGet, "/")); err != nil {
			return fmt.Errorf("first request: %w", err)
		}
		met()
		first.Wait() // so that all are open at the same time
		got, err := c.ask(http.MethodGet, "/")
		if errors.Is(err, errSilent) {
			anew, refused := dial(ctx, s, within)
			if refused != nil {
				return refused
			}
			defer anew.Close()
			got, err = anew.ask(http.MethodGet, "/")
		}
		if err := expectOK(got, err); err != nil {
			return fmt.Errorf("second request: %w", err)
		}
		return nil
	})
}

func expectOK(got answer, err error) error {
	if err == nil && got.status != http.StatusOK {
		err = fmt.Errorf("GET /: expected 200, got %d", got.status)
	}
	return err
}

// staysWithinMemory: the limit was in force all the time, and nothing was killed for it. It is asked last, after the strain;
// a worker that was killed and replaced counts, although the container lived on.
func staysWithinMemory(ctx context.Context, s subject) error {
	seen, err := s.Inspect(ctx)
	if err != nil {
		return err
	}
	kills, err := outOfMemory(ctx, s, seen.Created)
	if err != nil {
		return err
	}
	if kills > 0 || seen.State.OOMKilled {
		return fmt.Errorf("exceeded its %d bytes of memory: %d kills", int64(s.Memory()), max(kills, 1))
	}
	if !seen.State.Running {
		return fmt.Errorf("the container ended with exit code %d", seen.State.ExitCode)
	}
	stats, err := s.runner.API().ContainerStats(ctx, s.ID(), client.ContainerStatsOptions{})
	if err != nil {
		return fmt.Errorf("asking the engine for the memory in use: %w", err)
	}
	defer stats.Body.Close()
	var sample container.StatsResponse
	if err := json.NewDecoder(stats.Body).Decode(&sample); err != nil {
		return fmt.Errorf("asking the engine for the memory in use: %w", err)
	}
	if limit, want := sample.MemoryStats.Limit, uint64(s.Memory()); limit != want && limit != want/4096*4096 {
		return fmt.Errorf("the kernel's limit is %d bytes, not %d", limit, want)
	}
	return nil
}

// outOfMemory counts the kernel's kills in the container since it was created.
func outOfMemory(ctx context.Context, s subject, since string) (int, error) {
	events := s.runner.API().Events(ctx, client.EventsListOptions{
		Since:   since,
		Until:   strconv.FormatInt(time.Now().Unix()+1, 10),
		Filters: client.Filters{}.Add("type", "container").Add("event", "oom").Add("container", s.ID()),
	})
	kills := 0
	for {
		select {
		case <-events.Messages:
			kills++
		case err := <-events.Err:
			if errors.Is(err, io.EOF) {
				return kills, nil
			}
			return kills, fmt.Errorf("asking the engine for kills: %w", err)
		}
	}
}
