package run

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/moby/moby/api/types/container"

	"example.com/stagecraft/internal/ask"
)

// readyWithin is how long a service may take from its start to being ready. It is what an emulated interpreter needs on a
// busy machine; a service alone on its own platform takes a fraction of a second.
const readyWithin = 3 * time.Minute

const pollEvery = 50 * time.Millisecond

// Ready waits until the service answers on its live path and, unless it is unprobed, HEALTHCHECK has succeeded. When the
// container ends instead, or time runs out, the error tells what was missing and holds the last log lines.
func (c *Container) Ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	missing := "the engine's word"
	for {
		seen, err := c.Inspect(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			return err
		case err == nil && !seen.State.Running:
			return c.Explain(ctx, fmt.Errorf("%s ended with exit code %d before it was ready", c.Spec, seen.State.ExitCode))
		case err == nil && seen.State.Health != nil && seen.State.Health.Status == container.Unhealthy:
			return c.Explain(ctx, fmt.Errorf("%s is unhealthy: %s", c.Spec, lastProbe(seen.State.Health)))
		case err == nil:
			now := c.missing(ctx, seen.State.Health)
			if now == "" {
				return nil
			}
			if ctx.Err() == nil { // else it only tells that time ran out while asking
				missing = now
			}
		}
		select {
		case <-ctx.Done():
			return c.Explain(ctx, fmt.Errorf("%s was not ready after %s: %s", c.Spec, time.Since(c.started).Round(time.Second), missing))
		case <-time.After(pollEvery):
		}
	}
}

// missing tells what a running service still lacks.
func (c *Container) missing(ctx context.Context, health *container.Health) string {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.URL()+c.Service.Health.Live, http.NoBody)
	if err != nil {
		return err.Error()
	}
	response, err := ask.Client.Do(request)
	if err != nil {
		return err.Error()
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(response.Body, ask.MaxShown))
	if response.StatusCode != http.StatusOK {
		return fmt.Sprintf("GET %s: expected 200, got %d with %s", c.Service.Health.Live, response.StatusCode, ask.Shorten(body))
	}
	if c.Unprobed {
		return ""
	}
	if health == nil {
		return "the engine tells no health"
	}
	if health.Status != container.Healthy {
		return fmt.Sprintf("GET %s is 200, but HEALTHCHECK is %q: %s", c.Service.Health.Live, health.Status, lastProbe(health))
	}
	return ""
}

func lastProbe(health *container.Health) string {
	if len(health.Log) == 0 {
		return "no probe has ended yet"
	}
	last := health.Log[len(health.Log)-1]
	return fmt.Sprintf("the last probe ended with %d and said %s", last.ExitCode, ask.Shorten([]byte(strings.TrimSpace(last.Output))))
}
