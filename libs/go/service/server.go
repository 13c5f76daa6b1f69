package service

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"time"
)

const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 10 * time.Second
	writeTimeout      = 10 * time.Second
	idleTimeout       = time.Minute
	maxHeaderBytes    = 12 << 10 // net/http adds 4 KiB
)

// ErrInterrupted is what Serve returns after a second signal.
var ErrInterrupted = errors.New("interrupted while draining: requests may have been cut off")

// Server is an HTTP server that ends without losing a request.
type Server struct {
	log        *slog.Logger
	drainDelay time.Duration
	draining   atomic.Bool
	arrivals   arrivals

	minSettle, maxSettle time.Duration // the constants, unless a test sets others
}

// NewServer makes a server that keeps serving for drainDelay after the first signal.
func NewServer(log *slog.Logger, drainDelay time.Duration) *Server {
	return &Server{log: log, drainDelay: drainDelay, minSettle: minSettle, maxSettle: maxSettle}
}

// Ready reports whether new requests are welcome: from the start until the first signal.
func (s *Server) Ready() bool { return !s.draining.Load() }

// Serve answers requests on the listener until a signal comes. Then it is no longer ready, keeps serving for the drain
// delay, closes the listener and waits for requests in flight. A second signal ends it at once.
func (s *Server) Serve(listener net.Listener, handler http.Handler, signals <-chan os.Signal) error {
	srv := &http.Server{
		Handler:           s.partFromClients(handler),
		ConnState:         s.arrivals.track,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(listener) }()
	s.log.Info("listening", "address", listener.Addr().String())

	select {
	case err := <-failed:
		return fmt.Errorf("serving on %s: %w", listener.Addr(), err)
	case sig := <-signals:
		s.draining.Store(true)
		s.log.Info("draining", "signal", sig.String(), "delay", s.drainDelay.String())
	}

	drained := make(chan error, 1)
	go func() { drained <- s.drain(srv, listener) }()
	select {
	case err := <-drained:
		return err
	case <-signals:
		return errors.Join(ErrInterrupted, srv.Close())
	}
}
