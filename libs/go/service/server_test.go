package service

import (
	"bufio"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// patience is long, as a busy machine is no fault of the server.
const patience = 30 * time.Second

// running is a server under test; ended delivers what Serve returned.
type running struct {
	*Server

	url     string
	signals chan os.Signal
	ended   chan error
}

func start(t *testing.T, drainDelay time.Duration, handler http.HandlerFunc) running {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := running{
		Server:  NewServer(slog.New(slog.DiscardHandler), drainDelay),
		url:     "http://" + listener.Addr().String(),
		signals: make(chan os.Signal, 2),
		ended:   make(chan error, 1),
	}
	go func() { r.ended <- r.Serve(listener, handler, r.signals) }()
	return r
}

func (r running) wait(t *testing.T) error {
	t.Helper()
	select {
	case err := <-r.ended:
		return err
	case <-time.After(patience):
		t.Fatalf("the server still runs after %s", patience)
		return nil
	}
}

func ask(url string) (int, error) {
	resp, err := http.Get(url)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode, err
}

func TestARequestInFlightEnds(t *testing.T) {
	entered, leave := make(chan struct{}), make(chan struct{})
	srv := start(t, 0, func(w http.ResponseWriter, _ *http.Request) {
		close(entered)
		<-leave
		w.WriteHeader(http.StatusTeapot)
	})
	got := make(chan error, 1)
	go func() {
		status, err := ask(srv.url)
		if err == nil && status != http.StatusTeapot {
			err = errors.New(http.StatusText(status))
		}
		got <- err
	}()
	<-entered
	srv.signals <- syscall.SIGTERM
	for srv.Ready() {
		time.Sleep(time.Millisecond)
	}
	select {
	case err := <-srv.ended:
		t.Fatalf("ended with a request in flight: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	close(leave)
	if err := <-got; err != nil {
		t.Errorf("the request in flight failed: %v", err)
	}
	if err := srv.wait(t); err != nil {
		t.Errorf("ended with %v", err)
	}
}

func TestRequestsAreServedDuringTheDrainDelay(t *testing.T) {
	const delay = 3 * time.Second // other tests keep the machine busy
	srv := start(t, delay, func(http.ResponseWriter, *http.Request) {})
	if !srv.Ready() {
		t.Fatal("not ready before the signal")
	}
	signalled := time.Now()
	srv.signals <- syscall.SIGTERM
	for srv.Ready() {
		time.Sleep(time.Millisecond)
	}
	resp, err := http.Get(srv.url)
	if err != nil {
		t.Fatalf("a new request during the delay failed: %v", err)
	}
	resp.Body.Close()
	if !resp.Close {
		t.Error("the connection is kept alive although the server is about to end")
	}
	if err := srv.wait(t); err != nil {
		t.Errorf("ended with %v", err)
	}
	if took := time.Since(signalled); took < delay {
		t.Errorf("ended after %s, want at least %s", took, delay)
	}
	if _, err := ask(srv.url); err == nil {
		t.Error("still answers after its end")
	}
}

// TestAConnectionThatHasNotAskedYetIsAnswered is about connections that a client opened just before the listener closed.
func TestAConnectionThatHasNotAskedYetIsAnswered(t *testing.T) {
	srv := start(t, 0, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") })
	srv.maxSettle = patience // within which the request below must come
	address := strings.TrimPrefix(srv.url, "http://")
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for srv.arrivals.none() {
		time.Sleep(time.Millisecond)
	}
	srv.signals <- syscall.SIGTERM
	for refused := false; !refused; time.Sleep(time.Millisecond) {
		probe, err := net.Dial("tcp", address)
		if refused = err != nil; !refused {
			probe.Close()
		}
	}
	time.Sleep(srv.minSettle + 20*time.Millisecond)
	if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: test\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatalf("no answer: %v", err)
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); err != nil || string(body) != "ok" {
		t.Errorf("answer = %q, %v", body, err)
	}
	if err := srv.wait(t); err != nil {
		t.Errorf("ended with %v", err)
	}
}

func TestASecondSignalEndsAtOnce(t *testing.T) {
	for name, delay := range map[string]time.Duration{"during the delay": time.Hour, "while waiting": 0} {
		t.Run(name, func(t *testing.T) {
			entered, leave := make(chan struct{}), make(chan struct{})
			srv := start(t, delay, func(http.ResponseWriter, *http.Request) { close(entered); <-leave })
			defer close(leave)
			go func() { _, _ = ask(srv.url) }()
			<-entered
			srv.signals <- syscall.SIGTERM
			srv.signals <- syscall.SIGTERM
			if err := srv.wait(t); !errors.Is(err, ErrInterrupted) {
				t.Errorf("ended with %v, want %v", err, ErrInterrupted)
			}
		})
	}
}

func TestNoRequestFailsWhenDrainedUnderLoad(t *testing.T) {
	srv := start(t, 3*time.Second, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") })
	var served atomic.Int64
	var clients sync.WaitGroup
	for range 8 {
		clients.Go(func() {
			for srv.Ready() { // a balancer sends no more once it has seen that the server is not ready
				if status, err := ask(srv.url); err != nil || status != http.StatusOK {
					t.Errorf("a request failed: %d, %v", status, err)
					return
				}
				served.Add(1)
			}
		})
	}
	for served.Load() < 100 {
		time.Sleep(time.Millisecond)
	}
	srv.signals <- syscall.SIGTERM
	clients.Wait()
	if err := srv.wait(t); err != nil {
		t.Errorf("ended with %v", err)
	}
}

func TestALostListenerIsAnError(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	err = NewServer(slog.New(slog.DiscardHandler), 0).Serve(listener, http.NotFoundHandler(), nil)
	if !errors.Is(err, net.ErrClosed) {
		t.Errorf("ended with %v, want %v", err, net.ErrClosed)
	}
}

func TestProbe(t *testing.T) {
	srv := start(t, 0, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/healthz" {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	address := strings.TrimPrefix(srv.url, "http://")
	if err := Probe(address, "/healthz"); err != nil {
		t.Errorf("a healthy server: %v", err)
	}
	if err := Probe(address, "/sick"); err == nil || err.Error() != "probing "+srv.url+"/sick: answered 503, not 200" {
		t.Errorf("a sick server: %v", err)
	}
	srv.signals <- syscall.SIGTERM
	if err := srv.wait(t); err != nil {
		t.Error(err)
	}
	if err := Probe(address, "/healthz"); err == nil {
		t.Error("no server at all: no error")
	}
}

// TestClientsOfAStoppedServerAreAnswered: the kernel accepts connections for a process that does not run. None is lost when
// SIGTERM is the first thing that it learns.
func TestClientsOfAStoppedServerAreAnswered(t *testing.T) {
	held := &heldListener{Listener: listen(t), resume: make(chan struct{})}
	srv := NewServer(slog.New(slog.DiscardHandler), 0)
	signals, ended := make(chan os.Signal, 2), make(chan error, 1)
	go func() {
		ended <- srv.Serve(held, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") }), signals)
	}()
	var conns []net.Conn
	for range 100 {
		conn, err := net.Dial("tcp", held.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: test\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		conns = append(conns, conn)
	}
	signals <- syscall.SIGTERM
	for srv.Ready() {
		time.Sleep(time.Millisecond)
	}
	close(held.resume)
	for _, conn := range conns {
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatalf("no answer: %v", err)
		}
		resp.Body.Close()
	}
	if err := <-ended; err != nil {
		t.Errorf("ended with %v", err)
	}
}

// heldListener accepts nothing until it is resumed.
type heldListener struct {
	net.Listener

	resume chan struct{}
}

func (h *heldListener) Accept() (net.Conn, error) {
	<-h.resume
	return h.Listener.Accept()
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return listener
}
