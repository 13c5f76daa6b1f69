package engine

import (
	"context"
	"net/http"
	"os"
	"testing"
)

// A state is written before the engine starts, and may be all that is known.
func TestStatusWithoutAStart(t *testing.T) {
	h := Home(t.TempDir())
	socket := listen(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Api-Version", "1.56")
		if r.URL.Path == "/system/df" {
			w.Write([]byte("{}"))
		}
	})
	if err := os.Symlink(socket, h.socket()); err != nil {
		t.Fatal(err)
	}
	if err := h.writeState(state{Set: "abc", Version: "v", Network: network{Firewall: "iptables"}}); err != nil {
		t.Fatal(err)
	}
	s, err := h.Status(context.Background())
	if err != nil || s.State != "running" || s.Version != "v" || s.Uptime != 0 {
		t.Errorf("status %+v, %v, want it running since nobody knows when", s, err)
	}
}
