// Go-pages serves a handbook: Markdown in HTML templates, read from disk when it starts.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	// A second signal finds no handler any more and ends the process.
	context.AfterFunc(ctx, stop)
	if err := run(ctx, os.Getenv); err != nil {
		fmt.Fprintln(os.Stderr, "go-pages:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, getenv func(string) string) error {
	base, err := url.Parse(getenv("BASE_URL"))
	if err != nil || base.Host == "" {
		return fmt.Errorf("reading BASE_URL=%q: set it to the address that readers use, such as https://handbook.example.com", getenv("BASE_URL"))
	}
	drainDelay, err := time.ParseDuration(cmp.Or(getenv("DRAIN_DELAY"), "0s"))
	if err != nil {
		return fmt.Errorf("reading DRAIN_DELAY: %w", err)
	}
	// Not net.Listen's to judge: to it, "http" is port 80.
	port, err := strconv.ParseUint(cmp.Or(getenv("PORT"), "8080"), 10, 16)
	if err != nil {
		return fmt.Errorf("reading PORT: %w", err)
	}
	site, err := load(os.DirFS("."), base)
	if err != nil {
		return err
	}
	var draining atomic.Bool
	server := &http.Server{
		Addr:              fmt.Sprintf(":%d", port),
		Handler:           site.handler(func() bool { return !draining.Load() }),
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
	}
	ended := make(chan error, 1)
	go func() {
		<-ctx.Done()
		// The load balancer sees that /-/ready fails, and stops sending, before connections are refused.
		draining.Store(true)
		time.Sleep(drainDelay)
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 8*time.Second)
		defer cancel()
		ended <- server.Shutdown(grace)
	}()
	slog.Info("listening", "address", server.Addr, "pages", len(site.pages))
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("listening on port %d: %w", port, err)
	}
	return <-ended
}
