package engine

import (
	"context"
	"net"
	"os"
	"strings"
	"testing"
)

// made tells what there is of a home's on the machine.
func made(t *testing.T, h Home) (bridge, chain bool) {
	t.Helper()
	ipt, err := iptables()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // what a failing test leaves
		h.removeFirewall(string(ipt))
		h.removeBridges()
	})
	_, err = net.InterfaceByName(h.bridge())
	return err == nil, ipt.run("nat", "-S", h.chain()) == nil || ipt.run("filter", "-S", h.chain()) == nil
}

// What a start made before it failed, a removal takes away.
func TestRemoveAfterAFailedStart(t *testing.T) {
	if err := allowed("linux", os.Geteuid(), capabilities()); err != nil || testing.Short() {
		t.Skip("makes a network:", err)
	}
	h := emptyHome(t)
	if err := os.Mkdir(h.configFile(), 0o700); err != nil { // its settings cannot be written
		t.Fatal(err)
	}
	if _, err := h.bringUp(context.Background(), quiet); err == nil || !strings.Contains(err.Error(), "settings") {
		t.Fatalf("error %v, want one of the settings", err)
	}
	if bridge, chain := made(t, h); !bridge || !chain {
		t.Fatalf("bridge %v, firewall chain %v: this test wants both", bridge, chain)
	}
	if err := h.Remove(context.Background(), quiet); err != nil {
		t.Fatal(err)
	}
	if bridge, chain := made(t, h); bridge || chain {
		t.Errorf("left: bridge %v, firewall chain %v", bridge, chain)
	}
}

// What cannot be written down is not made: no later command would know of it.
func TestNoNetworkWithoutAState(t *testing.T) {
	if err := allowed("linux", os.Geteuid(), capabilities()); err != nil || testing.Short() {
		t.Skip("makes a network:", err)
	}
	h := emptyHome(t)
	if err := os.Mkdir(h.stateFile(), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := h.bringUp(context.Background(), quiet); err == nil || !strings.Contains(err.Error(), "writing down the engine's state") {
		t.Errorf("error %v, want one of the state", err)
	}
	if bridge, chain := made(t, h); bridge || chain {
		t.Errorf("made: bridge %v, firewall chain %v", bridge, chain)
	}
}
