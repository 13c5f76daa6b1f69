package integration

import (
	"context"
	"errors"
	"fmt"
	"time"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/run"
)

// target is a service on a platform: what is proven.
type target struct {
	runner   *run.Runner
	service  catalog.Service
	platform catalog.Platform
	pace     pace
	sigterms int
	// fact tells what was counted while a promise was kept; nil: nobody wants to know.
	fact func(format string, args ...any)
}

func (l *laboratory) target(service catalog.Service, platform catalog.Platform) target {
	t := target{runner: l.runner, service: service, platform: platform, pace: 1, sigterms: l.sigterms}
	if platform != l.native {
		t.pace, t.sigterms = emulated, min(l.sigterms, sigtermsEmulated)
	}
	return t
}

func (t target) spec(env ...string) run.Spec {
	spec := run.Spec{Service: t.service, Platform: t.platform, Env: map[string]string{}}
	for i := 0; i < len(env); i += 2 {
		spec.Env[env[i]] = env[i+1]
	}
	return spec
}

// with starts the target, its environment changed by pairs of names and values, and lends the container to use.
func (t target) with(ctx context.Context, use func(subject) error, env ...string) (err error) {
	spec := t.spec(env...)
	spec.Unprobed = true
	container, err := t.runner.Start(ctx, spec)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, container.Remove(ctx)) }()
	return container.Explain(ctx, use(t.subject(ctx, container)))
}

// subject is a running container of a target.
type subject struct {
	*run.Container
	runner *run.Runner
	pace   pace
	addr   string // where the service listens
	direct bool   // nothing stands between addr and the service
}

func (t target) subject(ctx context.Context, container *run.Container) subject {
	far := subject{Container: container, runner: t.runner, pace: t.pace, addr: container.URL()[len("http://"):]}
	if !container.Direct().IsValid() {
		return far
	}
	near := far
	near.addr, near.direct = container.Direct().String(), true
	if c, err := dial(ctx, near, t.pace.bound(time.Second)); err == nil {
		c.Close()
		return near
	}
	return far
}

// restart starts a service that has ended once more, and waits until it answers.
func (s subject) restart(ctx context.Context) (subject, error) {
	if err := s.Restart(ctx); err != nil {
		return s, err
	}
	if s.addr = s.URL()[len("http://"):]; s.direct {
		s.addr = s.Direct().String()
	}
	err := s.Ready(ctx)
	return s, err
}

// notHereError is the error of a promise that cannot be tried here; it says why.
type notHereError string

func (n notHereError) Error() string { return fmt.Sprintf("cannot be tried here: %s", string(n)) }
