package run

import (
	"context"
	"fmt"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
)

// Terminate sends SIGTERM, as a platform does that wants the service to end. It does not wait, and nothing follows by
// itself: no SIGKILL hides a service that does not listen.
func (c *Container) Terminate(ctx context.Context) error {
	if _, err := c.runner.api.ContainerKill(ctx, c.ID(), client.ContainerKillOptions{Signal: "SIGTERM"}); err != nil {
		return fmt.Errorf("sending SIGTERM to %s: %w", c.Spec, err)
	}
	return nil
}

// Exit waits until the container has ended and tells its exit code. One that still runs after the given time is an error,
// which holds its last log lines.
func (c *Container) Exit(ctx context.Context, within time.Duration) (int, error) {
	bounded, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	wait := c.runner.api.ContainerWait(bounded, c.ID(), client.ContainerWaitOptions{Condition: container.WaitConditionNotRunning})
	select {
	case result := <-wait.Result:
		return int(result.StatusCode), nil
	case err := <-wait.Error:
		if bounded.Err() != nil && ctx.Err() == nil {
			return 0, c.Explain(ctx, fmt.Errorf("%s still runs after %s", c.Spec, within))
		}
		return 0, fmt.Errorf("waiting for %s to end: %w", c.Spec, err)
	}
}

// Stop sends SIGTERM. It returns nil when the service then ends by itself, within the given time, with exit code 0.
func (c *Container) Stop(ctx context.Context, within time.Duration) error {
	if err := c.Terminate(ctx); err != nil {
		return err
	}
	code, err := c.Exit(ctx, within)
	if err != nil {
		return fmt.Errorf("after SIGTERM: %w", err)
	}
	if code != 0 {
		return c.Explain(ctx, fmt.Errorf("after SIGTERM: %s ended with exit code %d, not 0", c.Spec, code))
	}
	return nil
}
