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
	container, err := t.runner.Start(ctx, t.spec(env...))
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
	s := subject{Container: container, runner: t.runner, pace: t.pace, addr: container.URL()[len("http://"):]}
	if address := container.Direct(); address.IsValid() {
		near := s
		near.addr, near.direct = address.String(), true
		if c, err := dial(ctx, near, t.pace.bound(time.Second)); err == nil {
			c.Close()
			return near
		}
	}
	return s
}

// restart starts a service that has ended once more, and waits until it answers.
func (s subject) restart(ctx context.Context) (subject, error) {
	if err := s.Restart(ctx); err != nil {
		return s, err
	}
	s.addr = s.URL()[len("http://"):]
	if s.direct {
		s.addr = s.Direct().String()
	}
	err := serves(ctx, s)
	for start := time.Now(); errors.Is(err, errRefused) && time.Since(start) < s.pace.bound(patience); err = serves(ctx, s) {
		time.Sleep(10 * time.Millisecond)
	}
	return s, err
}

// notHere is the error of a promise that cannot be tried here; it says why.
type notHere string

func (n notHere) Error() string { return fmt.Sprintf("cannot be tried here: %s", string(n)) }
