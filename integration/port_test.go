package integration

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// refusalWithin is how long a service may take to find out that it cannot start.
const refusalWithin = 30 * time.Second

// refusesBadPort: with a PORT that is none, the service ends at once, non-zero, and says why in one line on stderr.
func refusesBadPort(ctx context.Context, t target) error {
	values := []string{"http", "70000", "-1"}
	if t.pace == emulated {
		values = values[:1] // an interpreter's start is dear there, and what it finds the same
	}
	return atOnce(len(values), func(i int) error {
		if err := refusesPort(ctx, t, values[i]); err != nil {
			return fmt.Errorf("PORT=%s: %w", values[i], err)
		}
		return nil
	})
}

func refusesPort(ctx context.Context, t target, value string) (err error) {
	container, err := t.runner.Launch(ctx, t.spec("PORT", value))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, container.Remove(ctx)) }()
	code, err := container.Exit(ctx, t.pace.bound(refusalWithin))
	if err != nil {
		return err
	}
	output, err := container.Output(ctx)
	if err != nil {
		return err
	}
	lines := strings.Split(strings.TrimSpace(output.Stderr), "\n")
	switch {
	case code == 0:
		return errors.New("expected a non-zero exit code, got 0")
	case len(lines) != 1 || !strings.Contains(lines[0], "PORT"):
		return fmt.Errorf("expected one line about PORT on stderr, got %d: %s", len(lines), strings.Join(lines[:min(len(lines), 3)], " | "))
	}
	return nil
}
