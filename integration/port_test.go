package integration

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/wait"
)

// refusalWithin is how long a service may take to find out that it cannot start.
const refusalWithin = 30 * time.Second

// refusesBadPort: with a PORT that is not a port, the service ends at once, non-zero, with one line on stderr that says why.
func refusesBadPort(tb testing.TB, t target) error {
	values := []string{"http", "70000", "-1"}
	if t.pace == emulated {
		values = values[:1] // an interpreter takes long to start there, and finds the same
	}
	return atOnce(len(values), func(i int) error {
		if err := refusesPort(tb, t, values[i]); err != nil {
			return fmt.Errorf("PORT=%s: %w", values[i], err)
		}
		return nil
	})
}

func refusesPort(tb testing.TB, t target, value string) error {
	ctx := tb.Context()
	s, err := t.run(tb, testcontainers.WithEnv(map[string]string{"PORT": value}), t.until(wait.ForNop(atOnceReady)))
	if err != nil {
		return err
	}
	within := t.pace.bound(refusalWithin)
	bounded, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	if t.ready(s.probe).WaitUntilReady(bounded, s) == nil { // it fails at once when the container has ended
		return s.explain(ctx, errors.New("it started nevertheless, and is ready"))
	}
	code, err := s.exit(ctx, within)
	if err != nil {
		return s.explain(ctx, err)
	}
	out, err := s.output(ctx)
	if err != nil {
		return err
	}
	lines := strings.Split(strings.TrimSpace(out.stderr), "\n")
	switch {
	case code == 0:
		return errors.New("expected a non-zero exit code, got 0")
	case len(lines) != 1 || !strings.Contains(lines[0], "PORT"):
		return fmt.Errorf("expected one line about PORT on stderr, got %d: %s", len(lines), strings.Join(lines[:min(len(lines), 3)], " | "))
	}
	return nil
}
