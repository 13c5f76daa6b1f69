package integration

import (
	"context"
	"fmt"
	"net/http"

	"github.com/moby/moby/api/types/container"

	"example.com/stagecraft/internal/ask"
	"example.com/stagecraft/internal/catalog"
)

// isHealthy: both health paths answer 200, and so does the engine when asked what the image's own HEALTHCHECK says.
func isHealthy(ctx context.Context, s subject) error {
	for name, path := range map[string]string{"live": s.Service.Health.Live, "ready": s.Service.Health.Ready} {
		check := catalog.Check{Name: name, Method: http.MethodGet, Path: path, Expect: catalog.Expect{Status: http.StatusOK}}
		if err := ask.Check(ctx, s.URL(), check); err != nil {
			return err
		}
	}
	seen, err := s.Inspect(ctx)
	if err != nil {
		return err
	}
	if seen.State.Health == nil || seen.State.Health.Status != container.Healthy {
		return fmt.Errorf("HEALTHCHECK is not %q: %+v", container.Healthy, seen.State.Health)
	}
	return nil
}
