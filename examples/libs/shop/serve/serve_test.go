package serve

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// A whole life: ready, then not ready while it goes on serving, then gone.
func TestRun(t *testing.T) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := fmt.Sprint(free.Addr().(*net.TCPAddr).Port)
	free.Close()
	env := map[string]string{"PORT": port, "DRAIN_DELAY": "300ms"}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, func(key string) string { return env[key] }, func(func(string) string) (http.Handler, error) {
			return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { Problem(w, http.StatusTeapot, "short and stout") }), nil
		})
	}()
	until(t, port, "/readyz", http.StatusOK)
	until(t, port, "/healthz", http.StatusOK)
	until(t, port, "/", http.StatusTeapot)
	cancel()
	until(t, port, "/readyz", http.StatusServiceUnavailable)
	until(t, port, "/", http.StatusTeapot)
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// A method that a health path does not have is 405, with those that it has.
func TestHealthMethods(t *testing.T) {
	handler := withHealth(http.NotFoundHandler(), &atomic.Bool{})
	for _, path := range []string{"/healthz", "/readyz"} {
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, httptest.NewRequest(http.MethodDelete, path, http.NoBody))
		if answer.Code != http.StatusMethodNotAllowed || answer.Header().Get("Allow") != "GET, HEAD" {
			t.Errorf("DELETE %s: %d, Allow: %s", path, answer.Code, answer.Header().Get("Allow"))
		}
	}
}

func until(t *testing.T, port, path string, status int) {
	t.Helper()
	for start := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		got, err := http.Get("http://127.0.0.1:" + port + path)
		if err == nil {
			got.Body.Close()
			if got.StatusCode == status {
				return
			}
		}
		if time.Since(start) > 10*time.Second {
			t.Fatalf("GET %s: %v, %v, want %d", path, got, err, status)
		}
	}
}

func TestSettings(t *testing.T) {
	for name, value := range map[string]string{"PORT": "http", "DRAIN_DELAY": "soon"} {
		err := run(t.Context(), func(key string) string { return map[string]string{name: value}[key] }, nil)
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s=%s: error is %v", name, value, err)
		}
	}
}
