package hello

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func always() bool { return true }
func never() bool  { return false }

func body(t testing.TB, resp *http.Response) string {
	t.Helper()
	defer resp.Body.Close()
	var text bytes.Buffer
	if _, err := text.ReadFrom(resp.Body); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

func TestAnswers(t *testing.T) {
	for _, tt := range []struct {
		method, path string
		ready        func() bool
		status       int
		body         string
		allow        string
	}{
		{"GET", "/", always, 200, "Hello from multi-stage Go!\n", ""},
		{"HEAD", "/", always, 200, "", ""},
		{"GET", "/", never, 200, "Hello from multi-stage Go!\n", ""},
		{"GET", "/healthz", never, 200, "ok\n", ""},
		{"GET", "/readyz", always, 200, "ready\n", ""},
		{"HEAD", "/readyz", always, 200, "", ""},
		{"GET", "/readyz", never, 503, "draining\n", ""},
		{"HEAD", "/readyz", never, 503, "", ""},
		{"GET", "/missing", always, 404, "404 page not found\n", ""},
		{"POST", "/missing", always, 404, "404 page not found\n", ""},
		{"GET", "/healthz/", always, 404, "404 page not found\n", ""},
		{"POST", "/", always, 405, "method not allowed\n", "GET, HEAD"},
		{"DELETE", "/healthz", always, 405, "method not allowed\n", "GET, HEAD"},
		{"BREW", "/", always, 405, "method not allowed\n", "GET, HEAD"},
	} {
		t.Run(tt.method+" "+tt.path, func(t *testing.T) {
			// A real server, as it is net/http that drops the body of an answer to HEAD.
			server := httptest.NewServer(Handler(slog.New(slog.DiscardHandler), tt.ready))
			defer server.Close()
			req, err := http.NewRequest(tt.method, server.URL+tt.path, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := server.Client().Do(req)
			if err != nil {
				t.Fatal(err)
			}
			if got := body(t, resp); resp.StatusCode != tt.status || got != tt.body {
				t.Errorf("got %d %q, want %d %q", resp.StatusCode, got, tt.status, tt.body)
			}
			if got := resp.Header.Values("Allow"); strings.Join(got, "|") != tt.allow {
				t.Errorf("Allow = %q, want %q", got, tt.allow)
			}
			if got := resp.Header.Get("Content-Type"); got != "text/plain; charset=utf-8" {
				t.Errorf("Content-Type = %q", got)
			}
		})
	}
}

func BenchmarkGreeting(b *testing.B) {
	handler := Handler(slog.New(slog.DiscardHandler), always)
	req := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
	b.ReportAllocs()
	for b.Loop() {
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, req)
		if recorder.Code != http.StatusOK {
			b.Fatalf("status = %d", recorder.Code)
		}
	}
}
