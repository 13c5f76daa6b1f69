package hello

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// lines decodes what was logged; each line must be JSON.
func lines(t *testing.T, logged *bytes.Buffer) []map[string]any {
	t.Helper()
	var all []map[string]any
	for decoder := json.NewDecoder(logged); ; {
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

func jsonLog(level slog.Level) (*slog.Logger, *bytes.Buffer) {
	var logged bytes.Buffer
	return slog.New(slog.NewJSONHandler(&logged, &slog.HandlerOptions{Level: level})), &logged
}

func TestEveryRequestIsLogged(t *testing.T) {
	log, logged := jsonLog(slog.LevelInfo)
	handler := Handler(log, always)
	for _, path := range []string{"/", "/missing", LivePath, ReadyPath} {
		handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, http.NoBody))
	}
	got := lines(t, logged)
	if len(got) != 2 {
		t.Fatalf("%d lines at level info, want 2: health questions are for level debug", len(got))
	}
	for i, want := range []map[string]any{
		{"msg": "request", "method": "GET", "path": "/", "status": 200.0, "bytes": 27.0},
		{"msg": "request", "method": "GET", "path": "/missing", "status": 404.0, "bytes": 19.0},
	} {
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

func TestAPanicBecomesA500(t *testing.T) {
	log, logged := jsonLog(slog.LevelInfo)
	recorder := httptest.NewRecorder()
	observe(log)(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("boom") })).
		ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/", http.NoBody))

	if recorder.Code != http.StatusInternalServerError || recorder.Body.String() != "internal server error\n" {
		t.Errorf("answered %d %q", recorder.Code, recorder.Body)
	}
	got := lines(t, logged)
	if len(got) != 2 || got[0]["panic"] != "boom" || got[0]["level"] != "ERROR" || got[1]["status"] != 500.0 {
		t.Errorf("logged %v, want the panic and then the request", got)
	}
}

func TestAPanicAfterTheHeadCutsTheConnection(t *testing.T) {
	log, logged := jsonLog(slog.LevelInfo)
	server := httptest.NewServer(observe(log)(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, "half")
		panic("boom")
	})))
	resp, err := http.Get(server.URL)
	if err == nil {
		_, err = io.ReadAll(resp.Body)
		resp.Body.Close()
	}
	if err == nil {
		t.Error("the client took half an answer for a whole one")
	}
	server.Close() // waits for the handler, and so for its log
	if got := lines(t, logged); len(got) != 2 || got[0]["panic"] != "boom" {
		t.Errorf("logged %v, want the panic and then the request", got)
	}
}

func TestRequestID(t *testing.T) {
	for name, tt := range map[string]struct {
		given string
		kept  bool
	}{
		"none":      {"", false},
		"a proxy's": {"7b0c/3f-0001", true},
		"too long":  {string(bytes.Repeat([]byte("a"), 129)), false},
		"a forgery": {`x","level":"ERROR`, false},
	} {
		t.Run(name, func(t *testing.T) {
			var seen string
			handler := requestID(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen = requestIDOf(r) }))
			req := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
			req.Header.Set(requestIDHeader, tt.given)
			recorder := httptest.NewRecorder()
			handler.ServeHTTP(recorder, req)

			if seen == "" || seen != recorder.Header().Get(requestIDHeader) {
				t.Errorf("the handler saw %q, the client %q", seen, recorder.Header().Get(requestIDHeader))
			}
			if (seen == tt.given) != tt.kept {
				t.Errorf("%q became %q", tt.given, seen)
			}
		})
	}
}

func TestDeadline(t *testing.T) {
	var err error
	deadline(time.Millisecond)(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
			err = r.Context().Err()
		case <-time.After(30 * time.Second):
		}
	})).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", http.NoBody))
	if err == nil {
		t.Error("the request's context has no deadline")
	}
}
