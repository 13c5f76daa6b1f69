package main

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"example.com/stagecraft/examples/go-grpc/stockpb"
)

// start serves until the test ends or stop is called, which returns what serve returned.
func start(t *testing.T) (conn *grpc.ClientConn, stop func() error) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx, listener, newStock(map[string]uint32{"bolt": 10})) }()
	conn, err = grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(); cancel() })
	return conn, func() error { cancel(); return <-ended }
}

func TestReserve(t *testing.T) {
	conn, stop := start(t)
	client := stockpb.NewStockClient(conn)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for _, tt := range []struct {
		sku      string
		quantity uint32
		code     codes.Code
		left     uint32
	}{
		{"bolt", 3, codes.OK, 7},
		{"bolt", 8, codes.FailedPrecondition, 0},
		{"bolt", 0, codes.InvalidArgument, 0},
		{"none", 1, codes.NotFound, 0},
		{"bolt", 7, codes.OK, 0},
	} {
		got, err := client.Reserve(ctx, &stockpb.ReserveRequest{Sku: tt.sku, Quantity: tt.quantity})
		if status.Code(err) != tt.code || got.GetQuantity() != tt.left {
			t.Errorf("reserving %d %s: got %v, %v", tt.quantity, tt.sku, got, err)
		}
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

// A watcher sees each change, and does not keep the server from ending.
func TestWatch(t *testing.T) {
	conn, stop := start(t)
	client := stockpb.NewStockClient(conn)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	stream, err := client.Watch(ctx, &stockpb.GetRequest{Sku: "bolt"})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []uint32{10, 4} {
		got, err := stream.Recv()
		if err != nil || got.GetQuantity() != want {
			t.Fatalf("got %v, %v, want %d", got, err, want)
		}
		if want == 10 {
			if _, err := client.Reserve(ctx, &stockpb.ReserveRequest{Sku: "bolt", Quantity: 6}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
	if _, err := stream.Recv(); status.Code(err) != codes.Unavailable {
		t.Errorf("the stream ended with %v, want Unavailable", err)
	}
}

func TestHealth(t *testing.T) {
	conn, _ := start(t)
	client := healthpb.NewHealthClient(conn)
	for _, service := range []string{"", "stock.v1.Stock"} {
		got, err := client.Check(t.Context(), &healthpb.HealthCheckRequest{Service: service}, grpc.WaitForReady(true))
		if err != nil || got.GetStatus() != healthpb.HealthCheckResponse_SERVING {
			t.Errorf("health of %q: %v, %v", service, got, err)
		}
	}
}

func TestBadPort(t *testing.T) {
	for _, port := range []string{"", "http", "70000"} {
		if err := run(t.Context(), port); err == nil || !strings.Contains(err.Error(), "PORT") {
			t.Errorf("PORT=%q: error is %v", port, err)
		}
	}
}
