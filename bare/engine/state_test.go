package engine

import (
	"os"
	"testing"
)

func TestState(t *testing.T) {
	h := Home(t.TempDir())
	if s := h.readState(); s != (state{}) {
		t.Errorf("a new home knows %+v", s)
	}
	want := state{Set: "abc", Network: network{Pool: "10.199.0.0/16", MTU: 1400, Firewall: "iptables"}}
	if err := h.writeState(want); err != nil {
		t.Fatal(err)
	}
	if got := h.readState(); got != want {
		t.Errorf("read %+v, wrote %+v", got, want)
	}
	// A disk that filled up leaves such a file.
	if err := os.WriteFile(h.stateFile(), []byte(`{"set":"abc","net`), 0o644); err != nil {
		t.Fatal(err)
	}
	if s := h.readState(); s != (state{}) {
		t.Errorf("a broken file was believed: %+v", s)
	}
}
