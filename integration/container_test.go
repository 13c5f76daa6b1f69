package integration

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/api/pkg/stdcopy"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"

	"example.com/stagecraft/internal/catalog"
)

// target is a service on a platform: what is proven.
type target struct {
	*laboratory
	service  catalog.Service
	platform catalog.Platform
	pace     pace
	sigterms int
	network  *testcontainers.DockerNetwork // where what it depends on runs; nil: it depends on nothing
	alias    string                        // its name there
	drained  *atomic.Int64                 // how many requests were answered while it drained
	// fact takes what was counted while a promise was kept; nil: nobody wants to know.
	fact func(format string, args ...any)
}

func (t target) report(format string, args ...any) {
	if t.fact != nil {
		t.fact(format, args...)
	}
}

func (l *laboratory) target(service catalog.Service, platform catalog.Platform) target {
	t := target{laboratory: l, service: service, platform: platform, pace: 1, sigterms: l.sigterms, drained: new(atomic.Int64)}
	if platform != l.native {
		t.pace, t.sigterms = emulated, min(l.sigterms, sigtermsEmulated)
	}
	return t
}

// String names the service and the platform in messages.
func (t target) String() string { return fmt.Sprintf("%s on %s", t.service.Name, t.platform) }

// run starts the target's image under the runtime contract, and waits until it is ready. The container is removed when the
// test ends. Further options win over the contract's.
func (t target) run(tb testing.TB, options ...testcontainers.ContainerCustomizer) (subject, error) {
	ctx := tb.Context()
	image, err := t.image(ctx)
	if err != nil {
		return subject{}, err
	}
	options = append(append(t.contract(image), unprobed, t.until(t.ready(image.probe))), options...)
	ctr, err := testcontainers.Run(ctx, t.service.Tag(t.platform), options...)
	testcontainers.CleanupContainer(tb, ctr, testcontainers.StopTimeout(0))
	s := subject{target: t, DockerContainer: ctr, probe: image.probe}
	if err != nil {
		return s, s.notReady(ctx, err)
	}
	err = s.locate(ctx)
	return s, err
}

// with runs a container of its own for use, whose error it completes with the container's last log lines.
func (t target) with(tb testing.TB, env map[string]string, use func(context.Context, subject) error) error {
	s, err := t.run(tb, testcontainers.WithEnv(env))
	if err != nil {
		return err
	}
	return s.explain(tb.Context(), use(tb.Context(), s))
}

// image is what matters of an image's configuration to its tests.
type image struct {
	probe bool     // it has a HEALTHCHECK
	ports []string // that it exposes
}

// image inspects the target's image. One that the engine does not have would be pulled, and an image of the same name from a
// registry would be tested in its place: that is an error here.
func (t target) image(ctx context.Context) (image, error) {
	tag := t.service.Tag(t.platform)
	seen, err := t.api.ImageInspect(ctx, tag)
	if errdefs.IsNotFound(err) || err == nil && seen.Architecture != t.platform.Arch() {
		return image{}, fmt.Errorf("starting %s: image %s is not in the engine: run `go tool mage build -services=%s`", t, tag, t.service.Name)
	}
	if err != nil {
		return image{}, fmt.Errorf("starting %s: inspecting image %s: %w", t, tag, err)
	}
	var found image
	if seen.Config == nil {
		return found, nil
	}
	for port := range seen.Config.ExposedPorts {
		found.ports = append(found.ports, port)
	}
	if check := seen.Config.Healthcheck; check != nil {
		found.probe = len(check.Test) > 0 && check.Test[0] != "NONE"
	}
	return found, nil
}

// subject is a running container of a target.
type subject struct {
	target
	*testcontainers.DockerContainer
	probe   bool      // the image has a HEALTHCHECK
	started time.Time // the last time
	url     string    // where the service is published on this machine, without a slash at the end
	addr    string    // where it listens
	// direct: nothing stands between addr and the service. A published port may be served by a proxy that accepts connections
	// which the service refuses. The container's own address can be reached on Linux, and not where containers run in a
	// virtual machine.
	direct bool
}

// locate finds the addresses of a container that has started.
func (s *subject) locate(ctx context.Context) error {
	seen, err := s.Inspect(ctx)
	if err != nil {
		return fmt.Errorf("inspecting the container of %s: %w", s.target, err)
	}
	if s.started, err = time.Parse(time.RFC3339Nano, seen.State.StartedAt); err != nil {
		return fmt.Errorf("inspecting the container of %s: when it started: %w", s.target, err)
	}
	if s.service.Port == 0 || !seen.State.Running {
		return nil
	}
	if s.url, err = s.PortEndpoint(ctx, s.port(), "http"); err != nil {
		if state, lost := s.State(ctx); lost == nil && !state.Running {
			return nil // it ended in the meantime
		}
		return fmt.Errorf("finding where %s is published: %w", s.target, err)
	}
	s.addr, s.direct = strings.TrimPrefix(s.url, "http://"), false
	for _, endpoint := range seen.NetworkSettings.Networks {
		if !endpoint.IPAddress.IsValid() {
			continue
		}
		near := *s
		near.addr, near.direct = netip.AddrPortFrom(endpoint.IPAddress, uint16(s.service.Port)).String(), true
		if c, err := dial(ctx, near, s.pace.bound(time.Second)); err == nil {
			c.Close()
			*s = near
		}
	}
	return nil
}

// restart starts a container that has ended, and waits until it is ready.
func (s *subject) restart(ctx context.Context) error {
	if err := s.Start(ctx); err != nil {
		return s.notReady(ctx, err)
	}
	return s.locate(ctx)
}

// sigterm sends SIGTERM and does not wait. Nothing follows by itself: no SIGKILL hides a service that does not listen.
func (s subject) sigterm(ctx context.Context) error {
	return s.signal(ctx, "SIGTERM")
}

func (s subject) signal(ctx context.Context, name string) error {
	if _, err := s.api.ContainerKill(ctx, s.ID, client.ContainerKillOptions{Signal: name}); err != nil {
		return fmt.Errorf("sending %s to %s: %w", name, s.target, err)
	}
	return nil
}

// exit waits until the container has ended, and returns its exit code.
func (s subject) exit(ctx context.Context, within time.Duration) (int, error) {
	bounded, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	ended := s.api.ContainerWait(bounded, s.ID, client.ContainerWaitOptions{Condition: container.WaitConditionNotRunning})
	select {
	case result := <-ended.Result:
		return int(result.StatusCode), nil
	case err := <-ended.Error:
		if bounded.Err() != nil && ctx.Err() == nil {
			return 0, fmt.Errorf("%s still runs after %s", s.target, within)
		}
		return 0, fmt.Errorf("waiting for %s to end: %w", s.target, err)
	}
}

// stop sends SIGTERM: the service must end by itself, within the given time, with exit code 0.
func (s subject) stop(ctx context.Context, within time.Duration) error {
	if err := s.sigterm(ctx); err != nil {
		return err
	}
	code, err := s.exit(ctx, within)
	if err == nil && code != 0 {
		err = fmt.Errorf("%s ended with exit code %d, not 0", s.target, code)
	}
	if err != nil {
		return fmt.Errorf("after SIGTERM: %w", err)
	}
	return nil
}

// output is what a container has written since its last start.
type output struct{ stdout, stderr string }

func (s subject) output(ctx context.Context) (output, error) {
	options := client.ContainerLogsOptions{ShowStdout: true, ShowStderr: true}
	if !s.started.IsZero() {
		options.Since = s.started.Format(time.RFC3339Nano)
	}
	stream, err := s.api.ContainerLogs(ctx, s.ID, options)
	if err != nil {
		return output{}, fmt.Errorf("reading the log of %s: %w", s.target, err)
	}
	defer stream.Close()
	var stdout, stderr bytes.Buffer
	if _, err := stdcopy.StdCopy(&stdout, &stderr, stream); err != nil {
		return output{}, fmt.Errorf("reading the log of %s: %w", s.target, err)
	}
	return output{stdout.String(), stderr.String()}, nil
}

// explained is an error with the last log lines of the container that it is about.
type explained struct {
	cause error
	wrote string
}

func (e *explained) Error() string { return e.cause.Error() + "; " + e.wrote }
func (e *explained) Unwrap() error { return e.cause }

const (
	// shownLines is how many of its last log lines an error shows of a container.
	shownLines = 10
	// lookWithin bounds what is done to explain a failure, also when the test's own time is over.
	lookWithin = 30 * time.Second
)

// killedError is the error of what was tried when the kernel killed the service for its memory.
type killedError struct{ cause error }

func (k killedError) Error() string { return k.cause.Error() }
func (k killedError) Unwrap() error { return k.cause }

// explain adds what the container's end and its last log lines say to an error, unless that is there already.
func (s subject) explain(ctx context.Context, cause error) error {
	var already *explained
	var skipped notTriedError
	if cause == nil || errors.As(cause, &already) || errors.As(cause, &skipped) {
		return cause
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookWithin)
	defer cancel()
	var killed killedError
	if kills, err := s.outOfMemory(ctx); err == nil && kills > 0 && !errors.As(cause, &killed) {
		cause = killedError{fmt.Errorf("%w (it was killed for exceeding its memory)", cause)}
	}
	out, err := s.output(ctx)
	if err != nil {
		return &explained{cause, err.Error()}
	}
	lines := lastLines("stdout", out.stdout) + lastLines("stderr", out.stderr)
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

func TestLastLines(t *testing.T) {
	if got := lastLines("stderr", " \n"); got != "" {
		t.Errorf("of nothing: %q", got)
	}
	got := lastLines("stderr", strings.Repeat("early\n", 5)+strings.Repeat("late\n", shownLines))
	if strings.Contains(got, "early") || strings.Count(got, "\n    stderr: late") != shownLines {
		t.Errorf("got %q", got)
	}
}
