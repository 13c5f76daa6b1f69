// Package serve runs HTTP services: settings from the environment, health paths, an orderly end.
package serve

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"
)

// Main runs a service until it is asked to end. Its handler gets /healthz and /readyz in addition.
func Main(name string, handler func(getenv func(string) string) (http.Handler, error)) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	// A second signal finds no handler any more and ends the process.
	context.AfterFunc(ctx, stop)
	if err := run(ctx, os.Getenv, handler); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, getenv func(string) string, handler func(getenv func(string) string) (http.Handler, error)) error {
	// Not net.Listen's to judge: to it, "http" is port 80.
	port, err := strconv.ParseUint(cmp.Or(getenv("PORT"), "8080"), 10, 16)
	if err != nil {
		return fmt.Errorf("reading PORT: %w", err)
	}
	drainDelay, err := time.ParseDuration(cmp.Or(getenv("DRAIN_DELAY"), "0s"))
	if err != nil {
		return fmt.Errorf("reading DRAIN_DELAY: %w", err)
	}
	next, err := handler(getenv)
	if err != nil {
		return err
	}
	var draining atomic.Bool
	server := &http.Server{
		Addr:              fmt.Sprintf(":%d", port),
		Handler:           withHealth(next, &draining),
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
	}
	ended := make(chan error, 1)
	go func() {
		<-ctx.Done()
		// The load balancer sees that /readyz fails, and stops sending, before connections are refused.
		draining.Store(true)
		time.Sleep(drainDelay)
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 8*time.Second)
		defer cancel()
		ended <- server.Shutdown(grace)
	}()
	slog.Info("listening", "address", server.Addr)
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("listening on port %d: %w", port, err)
	}
	return <-ended
}

func withHealth(next http.Handler, draining *atomic.Bool) http.Handler {
	health := http.NewServeMux()
	health.HandleFunc("GET /healthz", func(http.ResponseWriter, *http.Request) {})
	health.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if draining.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// By path alone: in one ServeMux with "/", other methods would be next's to answer, which knows no such path.
		if r.URL.Path == "/healthz" || r.URL.Path == "/readyz" {
			health.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// JSON answers with a value.
func JSON(w http.ResponseWriter, status int, value any) {
	body, err := json.Marshal(value)
	if err != nil {
		slog.Error("answering", "error", err)
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // a client that went away is no fault of ours
}

// Problem answers with an error that clients can read, as in RFC 9457.
func Problem(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"title": http.StatusText(status), "status": status, "detail": detail})
}
