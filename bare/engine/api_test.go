package engine

import (
	"context"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// listen serves an engine's socket, in a folder whose name is short enough.
func listen(t *testing.T, handler http.HandlerFunc) (socket string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "sc") //nolint:usetesting // t.TempDir has too long a name for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	socket = filepath.Join(dir, "s")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: handler}
	go server.Serve(l)
	t.Cleanup(func() { server.Close() })
	return socket
}

func TestAPI(t *testing.T) {
	var mutex sync.Mutex
	stopped := map[string]bool{}
	engine := dial(listen(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/_ping":
			w.Header().Set("Api-Version", "1.56")
		case r.URL.Path == "/system/df":
			w.Write([]byte(`{"ImageUsage":{"TotalSize":7},"BuildCacheUsage":{"TotalSize":9}}`))
		case r.URL.Path == "/containers/json":
			w.Write([]byte(`[{"Id":"a"},{"Id":"b"}]`))
		case r.Method == http.MethodPost:
			mutex.Lock()
			stopped[r.URL.Path] = true
			mutex.Unlock()
			w.WriteHeader(http.StatusNoContent)
		}
	}))
	if v, err := engine.ping(context.Background()); v != "1.56" || err != nil {
		t.Errorf("ping: %q, %v", v, err)
	}
	if images, cache, err := engine.usage(context.Background()); images != 7 || cache != 9 || err != nil {
		t.Errorf("usage: %d, %d, %v", images, cache, err)
	}
	if err := engine.stopContainers(context.Background()); err != nil || !stopped["/containers/a/stop"] || !stopped["/containers/b/stop"] {
		t.Errorf("stopped %v, %v", stopped, err)
	}
}

func TestAPISaysWhatTheEngineSaid(t *testing.T) {
	engine := dial(listen(t, func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "out of order", http.StatusInternalServerError)
	}))
	if _, err := engine.ping(context.Background()); err == nil || !strings.Contains(err.Error(), "out of order") {
		t.Errorf("error %v", err)
	}
}

// A socket that nobody listens on is what a killed engine leaves.
func TestStaleSocketIsNoEngine(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "s")
	if err := os.WriteFile(socket, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := dial(socket).ping(context.Background()); err == nil {
		t.Error("a stale socket answers")
	}
}
