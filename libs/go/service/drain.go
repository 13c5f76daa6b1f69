package service

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

const (
	// drainTimeout stays below the ten seconds after which Docker kills.
	drainTimeout = 8 * time.Second

	// A request may be on its way when the listener closes. It is waited for: at least so long that a kept-alive
	// connection can bring one more, at most so long for a client that connected and says nothing.
	minSettle = 100 * time.Millisecond
	maxSettle = time.Second

	// acceptFor is how long clients that have connected are accepted for at most, before the listener closes.
	acceptFor = 3 * time.Second
)

// drain ends the server without losing a request. The order matters: http.Server.Shutdown drops a request that it
// finds unread on a connection, so nothing may be on its way by then.
func (s *Server) drain(srv *http.Server, listener net.Listener) error {
	time.Sleep(s.drainDelay)
	ctx, cancel := context.WithTimeout(context.Background(), drainTimeout)
	defer cancel()

	s.acceptWaiting(listener)
	if err := listener.Close(); err != nil {
		return fmt.Errorf("closing the listener: %w", err)
	}
	for start := time.Now(); time.Since(start) < s.minSettle || !s.arrivals.none() && time.Since(start) < s.maxSettle; {
		time.Sleep(5 * time.Millisecond)
	}
	s.arrivals.dismiss()
	if err := srv.Shutdown(ctx); err != nil {
		return fmt.Errorf("waiting %s for requests in flight: %w", drainTimeout, errors.Join(err, srv.Close()))
	}
	s.log.Info("drained")
	return nil
}

// acceptWaiting returns when every client is accepted that has connected so far: closing the listener would reset those that
// the kernel still keeps for it. They are accepted in turn, so a connection of our own comes after them.
func (s *Server) acceptWaiting(listener net.Listener) {
	own, err := net.DialTimeout(listener.Addr().Network(), listener.Addr().String(), acceptFor)
	if err != nil {
		return // nobody else can connect either
	}
	defer own.Close()
	for start := time.Now(); !s.arrivals.from(own.LocalAddr()) && time.Since(start) < acceptFor; {
		time.Sleep(time.Millisecond)
	}
}

// partFromClients ends kept-alive connections with their next answer while draining, which clients understand; a
// connection that is cut while it is idle may meet the next request half-way.
func (s *Server) partFromClients(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.draining.Load() {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}

// arrivals are the connections that were accepted and have not brought a request yet.
type arrivals struct{ conns sync.Map }

func (a *arrivals) track(conn net.Conn, state http.ConnState) {
	if state == http.StateNew {
		a.conns.Store(conn, nil)
	} else {
		a.conns.Delete(conn)
	}
}

// dismiss closes those that still say nothing: clients open connections to spare, and Shutdown would wait for them.
func (a *arrivals) dismiss() {
	a.conns.Range(func(conn, _ any) bool {
		if conn, ok := conn.(net.Conn); ok {
			_ = conn.Close()
		}
		return true
	})
}

// from reports whether a connection from an address was accepted.
func (a *arrivals) from(address net.Addr) (found bool) {
	a.conns.Range(func(conn, _ any) bool {
		accepted, ok := conn.(net.Conn)
		found = ok && accepted.RemoteAddr().String() == address.String()
		return !found
	})
	return found
}

func (a *arrivals) none() bool {
	none := true
	a.conns.Range(func(any, any) bool { none = false; return false })
	return none
}
