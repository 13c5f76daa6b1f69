package integration

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/testcontainers/testcontainers-go/wait"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/httpcheck"
)

// isHealthy: live and ready are answered, and the image's HEALTHCHECK succeeds if there is one. A service without one is
// probed from outside, as Kubernetes does it.
func isHealthy(ctx context.Context, s subject) error {
	var errs []error
	for name, of := range map[string]string{"live": s.service.Health.Live, "ready": s.service.Health.Ready} {
		if s.service.Protocol == catalog.GRPC {
			errs = append(errs, s.askGRPC(ctx, of))
			continue
		}
		check := catalog.Check{Name: name, Method: http.MethodGet, Path: of, Expect: catalog.Expect{Status: http.StatusOK}}
		errs = append(errs, httpcheck.Check(ctx, s.url, check))
	}
	if err := errors.Join(errs...); err != nil || !s.probe {
		return err
	}
	if err := wait.ForHealthCheck().WithStartupTimeout(s.startWithin()).WaitUntilReady(ctx, s); err != nil {
		state, lost := s.State(ctx)
		if lost != nil {
			return errors.Join(err, lost)
		}
		if state.Health == nil {
			return fmt.Errorf("HEALTHCHECK: %w", err)
		}
		return errors.New(health(state.Health))
	}
	return nil
}
