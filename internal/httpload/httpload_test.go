package httpload

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

const request = "GET / HTTP/1.1\r\nHost: load\r\n\r\n"

var brief = Setting{Connections: 4, Warmup: 50 * time.Millisecond, Duration: 200 * time.Millisecond}

// hello expects 200 and Hello.
func hello(status int, body []byte) error {
	if status != http.StatusOK || string(body) != "Hello\n" {
		return fmt.Errorf("%d %q", status, body)
	}
	return nil
}

// serve starts a server and is the job of asking it.
func serve(t *testing.T, handler http.HandlerFunc) Job {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return Job{Addr: server.Listener.Addr().String(), Request: []byte(request), Accept: hello}
}

func TestRun(t *testing.T) {
	for name, handler := range map[string]http.HandlerFunc{
		"with a length": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "Hello\n") },
		"in chunks": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "Hel")
			w.(http.Flusher).Flush()
			_, _ = io.WriteString(w, "lo\n")
		},
		"closing each time": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Connection", "close")
			_, _ = io.WriteString(w, "Hello\n")
		},
	} {
		t.Run(name, func(t *testing.T) {
			var asked atomic.Int64
			job := serve(t, func(w http.ResponseWriter, r *http.Request) { asked.Add(1); handler(w, r) })
			var counted atomic.Bool
			got, err := Run(t.Context(), job, brief, func() { counted.Store(true) })
			if err != nil {
				t.Fatal(err)
			}
			if !counted.Load() || len(got.Latencies) == 0 || int64(len(got.Latencies)) > asked.Load() || got.PerSecond() <= 0 {
				t.Errorf("%d of %d answers counted, %v a second, told %v", len(got.Latencies), asked.Load(), got.PerSecond(), counted.Load())
			}
			if keeps := name != "closing each time"; keeps != (got.Connects == brief.Connections) {
				t.Errorf("%d connections were made", got.Connects)
			}
		})
	}
}

// Latencies are the server's: of 20 ms each, at most a fiftieth of a second's answers fit.
func TestRunMeasures(t *testing.T) {
	job := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(20 * time.Millisecond)
		_, _ = io.WriteString(w, "Hello\n")
	})
	got, err := Run(t.Context(), job, brief, nil)
	if err != nil {
		t.Fatal(err)
	}
	if most := brief.Connections * 10; got.Latencies[0] < 20*time.Millisecond || len(got.Latencies) > most {
		t.Errorf("%d answers of at least %v; at most %d of 20ms fit", len(got.Latencies), got.Latencies[0], most)
	}
}

// A server that closes connections does so first.
func TestRunWaitsForTheServerToClose(t *testing.T) {
	var early atomic.Int64
	job := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nHello\n")
		_ = conn.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
		if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			early.Add(1)
		}
	})
	got, err := Run(t.Context(), job, brief, nil)
	if err != nil {
		t.Fatal(err)
	}
	if early.Load() > 0 {
		t.Errorf("%d of %d connections were closed by the client first", early.Load(), got.Connects)
	}
}

// Negative controls: whatever is not the right answer, once among many, ends the run.
func TestRunRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		wrong http.HandlerFunc
		words string
	}{
		"another body": {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "Bye\n") }, `a wrong answer: 200 "Bye\n"`},
		"another status": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = io.WriteString(w, "Hello\n")
		}, `a wrong answer: 503 "Hello\n"`},
		"less than told": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "9")
			_, _ = io.WriteString(w, "Hello\n")
		}, "the body broke off"},
		"nothing at all": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var asked atomic.Int64
			job := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if asked.Add(1)%100 == 0 || name == "nothing at all" {
					c.wrong(w, r)
					return
				}
				_, _ = io.WriteString(w, "Hello\n")
			})
			got, err := Run(t.Context(), job, brief, nil)
			if err == nil || !strings.Contains(err.Error(), c.words) {
				t.Errorf("got %d answers and %v, want %q", len(got.Latencies), err, c.words)
			}
		})
	}
}

func TestRunRefusesWhatIsNotHTTP(t *testing.T) {
	for text, words := range map[string]string{
		"SSH-2.0-OpenSSH_10\r\n":                                   "not an HTTP/1.1 response",
		"HTTP/1.1 abc Odd\r\n\r\n":                                 "not an HTTP/1.1 response",
		"HTTP/1.1 200 OK\r\nX: y":                                  "the header broke off",
		"HTTP/1.1 200 OK\r\n\r\nHello\n":                           "without a length",
		"HTTP/1.1 200 OK\r\nContent-Length: -6\r\n\r\nHello\n":     "a bad length",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r": "the body broke off",
	} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			for {
				c, err := listener.Accept()
				if err != nil {
					return
				}
				_, _ = c.Read(make([]byte, 4096))
				_, _ = io.WriteString(c, text)
				_ = c.Close()
			}
		}()
		_, err = Run(t.Context(), Job{Addr: listener.Addr().String(), Request: []byte(request), Accept: hello}, brief, nil)
		if err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%q: got %v, want %q", text, err, words)
		}
		_ = listener.Close()
	}
}

func TestRunStops(t *testing.T) {
	release := make(chan struct{})
	job := serve(t, func(http.ResponseWriter, *http.Request) { <-release })
	defer close(release)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	start := time.Now()
	if _, err := Run(ctx, job, brief, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("stopped after %v", took)
	}
	if _, err := Run(t.Context(), Job{Addr: "127.0.0.1:1", Request: []byte(request), Accept: hello}, brief, nil); err == nil || !strings.Contains(err.Error(), "connecting") {
		t.Errorf("nobody there: %v", err)
	}
}

func TestConfine(t *testing.T) {
	all, err := Processors()
	if err != nil || len(all) == 0 {
		t.Fatal(all, err)
	}
	undo, err := Confine(all[len(all)-1:])
	if err != nil {
		t.Skip(err)
	}
	if now, err := Processors(); err != nil || len(now) != 1 || now[0] != all[len(all)-1] {
		t.Errorf("confined to the last of %v: %v, %v", all, now, err)
	}
	if err := undo(); err != nil {
		t.Fatal(err)
	}
	if now, err := Processors(); err != nil || len(now) != len(all) {
		t.Errorf("back to all of %v: %v, %v", all, now, err)
	}
}
