package engine

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

func TestConfigSharesNothing(t *testing.T) {
	h := Home(t.TempDir())
	if err := h.writeConfig(network{Pool: "10.201.0.0/16", MTU: 1400}, true); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(h.configFile())
	if err != nil {
		t.Fatal(err)
	}
	var c struct {
		Hosts     []string
		DataRoot  string `json:"data-root"`
		ExecRoot  string `json:"exec-root"`
		Pidfile   string
		Bridge    string
		MTU       int
		Iptables  *bool
		IP6tables *bool
		Live      bool `json:"live-restore"`
		Pools     []struct {
			Base string
			Size int
		} `json:"default-address-pools"`
		Builder struct {
			GC struct{ DefaultMaxUsedSpace string }
		}
	}
	if err := json.Unmarshal(data, &c); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{strings.TrimPrefix(c.Hosts[0], "unix://"), c.DataRoot, c.ExecRoot, c.Pidfile} {
		if !strings.HasPrefix(path, string(h)+"/") {
			t.Errorf("%s is not below the engine's folder", path)
		}
	}
	if len(c.Hosts) != 1 || c.Bridge != h.bridge() || c.MTU != 1400 {
		t.Errorf("hosts %v, bridge %q, MTU %d", c.Hosts, c.Bridge, c.MTU)
	}
	if len(c.Pools) != 1 || c.Pools[0].Base != "10.201.0.0/16" || c.Pools[0].Size != 24 {
		t.Errorf("pools %v", c.Pools)
	}
	if c.Iptables == nil || *c.Iptables || c.IP6tables == nil || *c.IP6tables {
		t.Error("dockerd may touch the firewall: it would empty a neighbour's chains")
	}
	if !c.Live {
		t.Error("no live-restore: dockerd would delete a neighbour's docker0 at its second start")
	}
	if c.Builder.GC.DefaultMaxUsedSpace == "" {
		t.Error("the build cache has no limit")
	}
}
