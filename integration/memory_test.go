package integration

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
)

// staysWithinMemory: the limit was in force all the time, and nothing was killed for it. It is asked after the strain; a
// worker that was killed and replaced counts, although the container lived on.
func staysWithinMemory(ctx context.Context, s subject) error {
	kills, err := s.outOfMemory(ctx)
	if err != nil {
		return err
	}
	if kills > 0 {
		return killedError{fmt.Errorf("exceeded its %d bytes of memory: %d kills", int64(s.memory()), kills)}
	}
	state, err := s.State(ctx)
	if err != nil || s.isJob(state) {
		return err
	}
	if !state.Running {
		return fmt.Errorf("the container ended with exit code %d", state.ExitCode)
	}
	stats, err := s.api.ContainerStats(ctx, s.ID, client.ContainerStatsOptions{})
	if err != nil {
		return fmt.Errorf("asking the engine for the memory in use: %w", err)
	}
	defer stats.Body.Close()
	var sample container.StatsResponse
	if err := json.NewDecoder(stats.Body).Decode(&sample); err != nil {
		return fmt.Errorf("asking the engine for the memory in use: %w", err)
	}
	if limit, want := sample.MemoryStats.Limit, uint64(s.memory()); limit != want && limit != want/4096*4096 {
		return fmt.Errorf("the kernel's limit is %d bytes, not %d", limit, want)
	}
	return nil
}

// kills counts the kernel's kills for memory, by container. It listens all the time: an engine remembers few past events.
type kills struct {
	mu    sync.Mutex
	count map[string]int
	err   error // why it listens no longer
}

func listenForKills(ctx context.Context, api client.APIClient) *kills {
	k := &kills{count: map[string]int{}}
	events := api.Events(ctx, client.EventsListOptions{Filters: client.Filters{}.Add("type", "container").Add("event", "oom")})
	go func() {
		for {
			select {
			case event := <-events.Messages:
				k.mu.Lock()
				k.count[event.Actor.ID]++
				k.mu.Unlock()
			case err := <-events.Err:
				k.mu.Lock()
				k.err = err
				k.mu.Unlock()
				return
			}
		}
	}()
	return k
}

func (k *kills) of(container string) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.count[container], k.err
}

// killKnownWithin is how long the engine may take to report a kill.
const killKnownWithin = 500 * time.Millisecond

// outOfMemory counts the kernel's kills in the container.
func (s subject) outOfMemory(ctx context.Context) (int, error) {
	for end := time.Now().Add(killKnownWithin); ; time.Sleep(pollEvery) {
		count, err := s.kills.of(s.ID)
		if err != nil {
			return 0, fmt.Errorf("asking the engine for kills: %w", err)
		}
		state, err := s.State(ctx)
		if err != nil {
			return 0, err
		}
		if count == 0 && state.OOMKilled {
			count = 1
		}
		if count > 0 || time.Now().After(end) {
			return count, nil
		}
	}
}
