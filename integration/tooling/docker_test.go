package tooling

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/moby/moby/client"

	"example.com/stagecraft/internal/build"
	"example.com/stagecraft/internal/command"
)

// needsDocker skips a test of what people do with the docker command where there is none.
func needsDocker(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("docker"); err != nil {
		t.Skip("needs the docker command")
	}
}

// docker runs the docker command with the engine of the tests, and returns what it wrote.
func (l *laboratory) docker(ctx context.Context, input string, args ...string) (string, error) {
	c := exec.CommandContext(ctx, "docker", args...)
	c.Env, c.Stdin = l.engine.Env(), strings.NewReader(input)
	output, err := c.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, tail(string(output)))
	}
	return string(output), nil
}

// dockerBuild makes `docker build` commands for a Dockerfile of the repository, with the bases of this machine.
func (l *laboratory) dockerBuild(t *testing.T, file string) func(args ...string) command.Command {
	t.Helper()
	builder, err := build.New(t.Context(), l.root, l.engine, "", t.Output())
	mustNot(t, err)
	commands, err := builder.Commands(t.Context(), file)
	mustNot(t, err)
	return commands
}

// published are the ports of a container, each with the address where this machine reaches it.
func (l *laboratory) published(ctx context.Context, container string) (map[string]string, error) {
	lines, err := l.docker(ctx, "", "port", container)
	if err != nil {
		return nil, err
	}
	addresses := map[string]string{}
	for line := range strings.Lines(lines) { // 8080/tcp -> 127.0.0.1:32768
		if port, address, ok := strings.Cut(strings.TrimSpace(line), "/tcp -> "); ok {
			addresses[port] = address
		}
	}
	return addresses, nil
}

// anyPort publishes the container's port of a mapping, as 8081:8080, on a free one of this machine.
func anyPort(mapping string) string {
	return "127.0.0.1::" + mapping[strings.LastIndex(mapping, ":")+1:]
}

// discard removes images after a test.
func (l *laboratory) discard(t *testing.T, tags ...string) {
	t.Helper()
	t.Cleanup(func() {
		for _, tag := range tags {
			_, err := l.engine.Client().ImageRemove(context.WithoutCancel(t.Context()), tag, client.ImageRemoveOptions{Force: true})
			if err != nil {
				t.Error(err)
			}
		}
	})
}
