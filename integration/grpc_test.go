package integration

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/testcontainers/testcontainers-go/wait"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
)

// serving asks a server at addr by the gRPC health protocol; service "" is the server as a whole.
// Source: https://github.com/grpc/grpc/blob/master/doc/health-checking.md
func serving(ctx context.Context, addr, service string) error {
	conn, err := grpc.NewClient("passthrough:///"+addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer conn.Close()
	response, err := healthpb.NewHealthClient(conn).Check(ctx, &healthpb.HealthCheckRequest{Service: service})
	if err != nil {
		return fmt.Errorf("health of %q: %w", service, err)
	}
	if status := response.GetStatus(); status != healthpb.HealthCheckResponse_SERVING {
		return fmt.Errorf("health of %q: expected SERVING, got %s", service, status)
	}
	return nil
}

func (s subject) askGRPC(ctx context.Context, service string) error {
	ctx, cancel := context.WithTimeout(ctx, s.pace.bound(patience))
	defer cancel()
	return serving(ctx, s.addr, service)
}

// forGRPC waits until a service is SERVING.
func (t target) forGRPC(service string) wait.Strategy {
	return wait.ForNop(func(ctx context.Context, of wait.StrategyTarget) error {
		for {
			state, err := of.State(ctx)
			if err != nil {
				return err
			}
			if !state.Running {
				return fmt.Errorf("the container ended with exit code %d", state.ExitCode)
			}
			port, err := of.MappedPort(ctx, t.port())
			if err == nil {
				asked, cancel := context.WithTimeout(ctx, t.pace.bound(time.Second))
				err = serving(asked, loopback.String()+":"+port.Port(), service)
				cancel()
			}
			if err == nil {
				return nil
			}
			select {
			case <-ctx.Done():
				return fmt.Errorf("%s", strings.TrimSpace(err.Error()))
			case <-time.After(pollEvery):
			}
		}
	})
}
