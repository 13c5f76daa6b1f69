// Go-grpc answers, by gRPC, how much of each article is in stock.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/reflection"

	"example.com/stagecraft/examples/go-grpc/stockpb"
)

//go:generate protoc -I proto --go_out=. --go-grpc_out=. --go_opt=module=example.com/stagecraft/examples/go-grpc --go-grpc_opt=module=example.com/stagecraft/examples/go-grpc stock/v1/stock.proto

// grace is shorter than the ten seconds after which Docker kills.
const grace = 8 * time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	// A second signal finds no handler any more and ends the process.
	context.AfterFunc(ctx, stop)
	if err := run(ctx, os.Getenv("PORT")); err != nil {
		fmt.Fprintln(os.Stderr, "go-grpc:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, port string) error {
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return fmt.Errorf("reading PORT: %w", err)
	}
	listener, err := net.Listen("tcp", ":"+port)
	if err != nil {
		return err
	}
	slog.Info("listening", "address", listener.Addr().String())
	return serve(ctx, listener, newStock(map[string]uint32{"bolt-m8": 1200, "nut-m8": 800}))
}

// serve answers until ctx ends. Then clients see NOT_SERVING, and calls in flight may end.
func serve(ctx context.Context, listener net.Listener, stock *stock) error {
	server := grpc.NewServer(
		grpc.ConnectionTimeout(5*time.Second),
		grpc.KeepaliveParams(keepalive.ServerParameters{MaxConnectionIdle: 5 * time.Minute}),
	)
	healthy := health.NewServer()
	healthy.SetServingStatus(stockpb.Stock_ServiceDesc.ServiceName, healthpb.HealthCheckResponse_SERVING)
	healthpb.RegisterHealthServer(server, healthy)
	stockpb.RegisterStockServer(server, stock)
	reflection.Register(server)

	ended := make(chan struct{})
	go func() {
		defer close(ended)
		<-ctx.Done()
		healthy.Shutdown()
		stock.close() // streams would keep GracefulStop waiting
		late := time.AfterFunc(grace, server.Stop)
		defer late.Stop()
		server.GracefulStop()
	}()
	if err := server.Serve(listener); err != nil && !errors.Is(err, grpc.ErrServerStopped) {
		return fmt.Errorf("serving on %s: %w", listener.Addr(), err)
	}
	<-ended
	return nil
}
