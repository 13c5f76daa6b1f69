package integration

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/run"
)

// peersTimeout is what a service is given to ask all its peers.
const peersTimeout = 2 * time.Second

// TestPeers: a service that asks peers (its service.yaml sets PEERS) tells in time which is well, which is dead, and which
// does not answer.
func TestPeers(t *testing.T) {
	lab := open(t)
	services, err := catalog.Load(lab.root)
	if err != nil {
		t.Fatal(err)
	}
	peer := lab.fixture(t, "peer", nil)
	start := func(t *testing.T, service catalog.Service, env ...string) *run.Container {
		t.Helper()
		spec := lab.target(service, lab.native).spec(env...)
		spec.Unprobed = true
		c, err := lab.runner.Start(t.Context(), spec)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := c.Remove(t.Context()); err != nil {
				t.Error(err)
			}
		})
		if !c.Direct().IsValid() {
			t.Skip("the engine tells no address at which containers reach each other")
		}
		return c
	}
	good, slow := start(t, peer), start(t, peer, "FAULT", "slow")
	urls := []string{
		fmt.Sprintf("http://%s/", good.Direct()),
		fmt.Sprintf("http://%s/", slow.Direct()),
		fmt.Sprintf("http://%s:1/", good.Direct().Addr()),
	}
	for _, service := range services {
		if _, asks := service.Environment["PEERS"]; !asks {
			continue
		}
		t.Run(service.Name, func(t *testing.T) {
			c := start(t, service, "PEERS", fmt.Sprintf("%s %s %s", urls[0], urls[1], urls[2]), "PEERS_TIMEOUT", peersTimeout.String())
			before := time.Now()
			response, err := http.Get(c.URL() + "/peers")
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			var told struct {
				Peers []struct {
					URL, Error string
					Status     int
					MS         int64
				}
			}
			if err := json.NewDecoder(response.Body).Decode(&told); err != nil || response.StatusCode != http.StatusOK || len(told.Peers) != len(urls) {
				t.Fatalf("GET /peers: %d, %v, %+v", response.StatusCode, err, told)
			}
			took := time.Since(before)
			t.Logf("after %v: %+v", took.Round(time.Millisecond), told.Peers)
			if took > peersTimeout+5*time.Second {
				t.Errorf("answered after %v with PEERS_TIMEOUT=%v", took, peersTimeout)
			}
			for i, want := range []struct {
				status int
				err    string
			}{{http.StatusOK, ""}, {0, "no whole answer within 2s"}, {0, "Connection refused"}} {
				if got := told.Peers[i]; got.URL != urls[i] || got.Status != want.status || got.Error != want.err {
					t.Errorf("%s: got %d %q, want %d %q", urls[i], got.Status, got.Error, want.status, want.err)
				}
			}
		})
	}
}
