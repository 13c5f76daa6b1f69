package run

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/moby/moby/api/pkg/stdcopy"
	"github.com/moby/moby/client"
)

// shownLines is how many of its last log lines an error shows of a container.
const shownLines = 10

// Output is what a container has written since its last start.
type Output struct {
	Stdout, Stderr string
}

// Output reads what the container has written since its last start.
func (c *Container) Output(ctx context.Context) (Output, error) {
	stream, err := c.runner.api.ContainerLogs(ctx, c.ID(), client.ContainerLogsOptions{
		ShowStdout: true, ShowStderr: true, Since: c.started.Format(time.RFC3339Nano),
	})
	if err != nil {
		return Output{}, fmt.Errorf("reading the log of %s: %w", c.Spec, err)
	}
	defer stream.Close()
	var stdout, stderr bytes.Buffer
	if _, err := stdcopy.StdCopy(&stdout, &stderr, stream); err != nil {
		return Output{}, fmt.Errorf("reading the log of %s: %w", c.Spec, err)
	}
	return Output{Stdout: stdout.String(), Stderr: stderr.String()}, nil
}

// explained is an error with the last log lines of the container that it is about.
type explained struct {
	cause error
	wrote string
}

func (e *explained) Error() string { return e.cause.Error() + "; " + e.wrote }
func (e *explained) Unwrap() error { return e.cause }

// Explain puts the container's last log lines below an error about it, unless they are there: a container that failed is
// removed, and its log with it. The error of this package's own functions has them where they help.
func (c *Container) Explain(ctx context.Context, cause error) error {
	var already *explained
	if cause == nil || errors.As(cause, &already) {
		return cause
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), removeWithin)
	defer cancel()
	output, err := c.Output(ctx)
	if err != nil {
		return &explained{cause, err.Error()}
	}
	lines := lastLines("stdout", output.Stdout) + lastLines("stderr", output.Stderr)
	if lines == "" {
		return &explained{cause, "it wrote nothing"}
	}
	return &explained{cause, "it wrote last:" + lines}
}

func lastLines(name, text string) string {
	text = strings.TrimSpace(text)
	if text == "" {
		return ""
	}
	lines := strings.Split(text, "\n")
	if len(lines) > shownLines {
		lines = lines[len(lines)-shownLines:]
	}
	return "\n    " + name + ": " + strings.Join(lines, "\n    "+name+": ")
}
