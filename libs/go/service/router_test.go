package service

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
)

func always() bool { return true }
func never() bool  { return false }

// logged decodes what was logged; each line must be JSON.
func logged(t *testing.T, buffer *bytes.Buffer) []map[string]any {
	t.Helper()
	var all []map[string]any
	for decoder := json.NewDecoder(buffer); ; {
		var line map[string]any
		switch err := decoder.Decode(&line); err {
		case nil:
			all = append(all, line)
		case io.EOF:
			return all
		default:
			t.Fatal(err)
		}
	}
}

// testRouter has routes of each kind; it logs to the buffer.
func testRouter(ready func() bool) (http.Handler, *bytes.Buffer) {
	var lines bytes.Buffer
	router := NewRouter(NewLogger(&lines, "test", slog.LevelInfo), ready)
	router.Get("/", func(w http.ResponseWriter, _ *http.Request) { Text(w, "hello\n") })
	router.Get("/users/{id}", func(w http.ResponseWriter, r *http.Request) { Text(w, chi.URLParam(r, "id")) })
	router.Put("/users/{id}", func(http.ResponseWriter, *http.Request) {})
	router.Post("/silent", func(http.ResponseWriter, *http.Request) {})
	router.Get("/panics", func(http.ResponseWriter, *http.Request) { panic("boom") })
	router.Get("/half", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, "half")
		panic("boom")
	})
	router.Get("/aborts", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	return router, &lines
}

func TestAnswers(t *testing.T) {
	const notFound, notAllowed = `{"title":"Not Found","status":404}`, `{"title":"Method Not Allowed","status":405}`
	for _, tt := range []struct {
		method, path string
		ready        func() bool
		status       int
		body         string
		allow        string
	}{
		{"GET", "/", always, 200, "hello", ""},
		{"HEAD", "/", always, 200, "", ""},
		{"GET", "/", never, 200, "hello", ""},
		{"GET", "/healthz", never, 200, "ok", ""},
		{"GET", "/readyz", always, 200, "ready", ""},
		{"HEAD", "/readyz", always, 200, "", ""},
		{"GET", "/readyz", never, 503, `{"title":"Service Unavailable","status":503,"detail":"draining"}`, ""},
		{"HEAD", "/readyz", never, 503, "", ""},
		{"GET", "/missing", always, 404, notFound, ""},
		{"HEAD", "/missing", always, 404, "", ""},
		{"POST", "/missing", always, 404, notFound, ""},
		{"GET", "/healthz/", always, 404, notFound, ""},
		{"POST", "/", always, 405, notAllowed, "GET, HEAD"},
		{"DELETE", "/healthz", always, 405, notAllowed, "GET, HEAD"},
		{"BREW", "/", always, 405, notAllowed, "GET, HEAD"},
		{"GET", "/silent", always, 405, notAllowed, "POST"},
		{"HEAD", "/silent", always, 405, "", "POST"},
		{"HEAD", "/users/a%2Fb", always, 200, "", ""},
		{"GET", "/users/a%2Fb", always, 200, "a%2Fb", ""},
		{"DELETE", "/users/a%2Fb", always, 405, notAllowed, "GET, HEAD, PUT"},
		{"GET", "/panics", always, 500, `{"title":"Internal Server Error","status":500}`, ""},
	} {
		t.Run(tt.method+" "+tt.path, func(t *testing.T) {
			// A real server, as it is net/http that drops the body of an answer to HEAD.
			router, _ := testRouter(tt.ready)
			server := httptest.NewServer(router)
			defer server.Close()
			req, err := http.NewRequest(tt.method, server.URL+tt.path, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := server.Client().Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			body, err := io.ReadAll(resp.Body)
			if got := strings.TrimSuffix(string(body), "\n"); err != nil || resp.StatusCode != tt.status || got != tt.body {
				t.Errorf("got %d %q, %v, want %d %q", resp.StatusCode, got, err, tt.status, tt.body)
			}
			if got := resp.Header.Values("Allow"); strings.Join(got, "|") != tt.allow {
				t.Errorf("Allow = %q, want %q", got, tt.allow)
			}
			want := "text/plain; charset=utf-8"
			if tt.status >= 400 {
				want = "application/problem+json"
			}
			if got := resp.Header.Get("Content-Type"); got != want {
				t.Errorf("Content-Type = %q, want %q", got, want)
			}
		})
	}
}

func TestEveryRequestIsLogged(t *testing.T) {
	router, lines := testRouter(always)
	for _, request := range []string{"GET /?password=hunter2", "GET /%C3%BC", "POST /silent", "HEAD /", "GET /healthz", "GET /readyz"} {
		method, target, _ := strings.Cut(request, " ")
		router.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(method, target, http.NoBody))
	}
	got := logged(t, lines)
	if len(got) != 4 {
		t.Fatalf("%d lines at level info, want 4: health checks are for level debug", len(got))
	}
	for i, want := range []map[string]any{
		{"path": "/", "status": 200.0, "bytes": 6.0},
		{"path": "/%C3%BC", "status": 404.0, "bytes": 35.0},
		{"path": "/silent", "status": 200.0, "bytes": 0.0},
		{"path": "/", "status": 200.0, "bytes": 0.0},
	} {
		want["message"], want["level"], want["service"] = "request", "info", "test"
		for key, value := range want {
			if got[i][key] != value {
				t.Errorf("line %d: %s = %v, want %v", i, key, got[i][key], value)
			}
		}
		if id, _ := got[i]["request_id"].(string); id == "" {
			t.Errorf("line %d has no request_id", i)
		}
	}
}

func TestAPanicIsLogged(t *testing.T) {
	router, lines := testRouter(always)
	router.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/panics", http.NoBody))
	got := logged(t, lines)
	if len(got) != 2 || got[0]["panic"] != "boom" || got[0]["level"] != "error" || got[1]["status"] != 500.0 {
		t.Errorf("logged %v, want the panic and then the request", got)
	}
}

// What is cut off must not pass for a whole answer. ErrAbortHandler is how a handler asks for that, and no fault.
func TestHalfAnAnswerCutsTheConnection(t *testing.T) {
	for path, panics := range map[string]bool{"/half": true, "/aborts": false} {
		t.Run(path, func(t *testing.T) {
			router, lines := testRouter(always)
			server := httptest.NewServer(router)
			resp, err := http.Get(server.URL + path)
			if err == nil {
				_, err = io.ReadAll(resp.Body)
				resp.Body.Close()
			}
			if err == nil {
				t.Error("the client took half an answer for a whole one")
			}
			server.Close() // waits for the handler, and so for its log
			got := logged(t, lines)
			if last := got[len(got)-1]; last["message"] != "request" || last["path"] != path {
				t.Errorf("logged %v, want the request last", got)
			}
			if (len(got) == 2) != panics {
				t.Errorf("logged %v; is it a panic: %v", got, panics)
			}
		})
	}
}

// Behind the router, a proxy passes on what a backend sends bit by bit, and connections that change their protocol.
func TestAProxyBehindTheRouter(t *testing.T) {
	first := make(chan struct{})
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") != "" {
			conn, buffer, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			_, _ = buffer.WriteString("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nwelcome")
			buffer.Flush()
			return
		}
		_, _ = io.WriteString(w, "data: one\n\n")
		w.(http.Flusher).Flush()
		<-first
	}))
	defer backend.Close()
	target, err := url.Parse(backend.URL)
	if err != nil {
		t.Fatal(err)
	}
	router := NewRouter(slog.New(slog.DiscardHandler), always)
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }, FlushInterval: -1}
	router.Handle("/*", proxy)
	server := httptest.NewServer(router)
	defer server.Close()

	resp, err := http.Get(server.URL + "/events")
	if err != nil {
		t.Fatal(err)
	}
	event := make([]byte, 11)
	if _, err := io.ReadFull(resp.Body, event); err != nil || string(event) != "data: one\n\n" {
		t.Errorf("the first event = %q, %v", event, err)
	}
	close(first)
	resp.Body.Close()

	req, err := http.NewRequest(http.MethodGet, server.URL+"/socket", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Connection", "Upgrade")
	req.Header.Set("Upgrade", "echo")
	resp, err = http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	welcome := make([]byte, 7)
	if _, err := io.ReadFull(resp.Body, welcome); err != nil || resp.StatusCode != http.StatusSwitchingProtocols || string(welcome) != "welcome" {
		t.Errorf("an upgraded connection: %d %q, %v", resp.StatusCode, welcome, err)
	}
}

func TestRequestID(t *testing.T) {
	for name, tt := range map[string]struct {
		given string
		kept  bool
	}{
		"none":      {"", false},
		"a proxy's": {"7b0c/3f-0001", true},
		"too long":  {strings.Repeat("a", 129), false},
		"a forgery": {`x","level":"error`, false},
	} {
		t.Run(name, func(t *testing.T) {
			router, lines := testRouter(always)
			req := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
			req.Header.Set(requestIDHeader, tt.given)
			recorder := httptest.NewRecorder()
			router.ServeHTTP(recorder, req)

			sent := recorder.Header().Get(requestIDHeader)
			if line := logged(t, lines)[0]; sent == "" || line["request_id"] != sent {
				t.Errorf("the client got %q, the log has %q", sent, line["request_id"])
			}
			if (sent == tt.given) != tt.kept {
				t.Errorf("%q became %q", tt.given, sent)
			}
		})
	}
}

func TestTraceParent(t *testing.T) {
	const trace, span = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
	for header, valid := range map[string]bool{
		"00-" + trace + "-" + span + "-01":                  true,
		"cc-" + trace + "-" + span + "-01-what-comes-later": true,
		"":                                 false,
		"ff-" + trace + "-" + span + "-01": false,
		"00-" + strings.Repeat("0", 32) + "-" + span + "-01":      false,
		"00-" + trace + "-" + strings.Repeat("0", 16) + "-01":     false,
		"00-" + strings.ToUpper(trace) + "-" + span + "-01":       false,
		"00-" + trace + "-" + span:                                false,
		"00-" + trace + "-" + span + "-01\",\"level\":\"error\"}": false,
	} {
		router, lines := testRouter(always)
		req := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
		req.Header.Set("Traceparent", header)
		router.ServeHTTP(httptest.NewRecorder(), req)
		line := logged(t, lines)[0]
		if valid != (line["trace_id"] == trace && line["span_id"] == span) || !valid && line["trace_id"] != nil {
			t.Errorf("%q: logged %v", header, line)
		}
	}
}

func BenchmarkRequest(b *testing.B) {
	router := NewRouter(NewLogger(io.Discard, "test", slog.LevelInfo), always)
	router.Get("/", func(w http.ResponseWriter, _ *http.Request) { Text(w, "hello\n") })
	req := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
	b.ReportAllocs()
	for b.Loop() {
		recorder := httptest.NewRecorder()
		router.ServeHTTP(recorder, req)
		if recorder.Code != http.StatusOK {
			b.Fatalf("status = %d", recorder.Code)
		}
	}
}
