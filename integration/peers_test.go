package integration

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/network"
)

// peersTimeout is what a service is given to ask all its peers.
const peersTimeout = 2 * time.Second

// TestPeers: a service that asks peers (its service.yaml sets PEERS) reports in time which of them is well, which is dead, and
// which does not answer.
func TestPeers(t *testing.T) {
	t.Parallel()
	lab := open(t)
	nw, err := network.New(t.Context(), network.WithLabels(lab.owner.labels()))
	testcontainers.CleanupNetwork(t, nw)
	if err != nil {
		t.Fatal(err)
	}
	peer := lab.fixture(t, "peer", nil)
	for alias, fault := range map[string]string{"good": "", "slow": "slow"} {
		target := lab.target(peer, lab.native)
		target.network, target.alias = nw, alias
		if _, err := target.run(t, testcontainers.WithEnv(map[string]string{"FAULT": fault})); err != nil {
			t.Fatal(err)
		}
	}
	urls := []string{"http://good:8080/", "http://slow:8080/", "http://good:1/"}
	for _, service := range lab.repository.Services {
		if _, asks := service.Environment["PEERS"]; !asks {
			continue
		}
		t.Run(service.Name, func(t *testing.T) {
			t.Parallel()
			target := lab.target(service, lab.native)
			target.network, target.alias = nw, service.Name
			s, err := target.run(t, testcontainers.WithEnv(map[string]string{
				"PEERS": urls[0] + " " + urls[1] + " " + urls[2], "PEERS_TIMEOUT": peersTimeout.String(),
			}))
			if err != nil {
				t.Fatal(err)
			}
			before := time.Now()
			response, err := http.Get(s.url + "/peers")
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			var answered struct {
				Peers []struct {
					URL, Error string
					Status     int
					MS         int64
				}
			}
			if err := json.NewDecoder(response.Body).Decode(&answered); err != nil || response.StatusCode != http.StatusOK || len(answered.Peers) != len(urls) {
				t.Fatalf("GET /peers: %d, %v, %+v", response.StatusCode, err, answered)
			}
			took := time.Since(before)
			t.Logf("after %v: %+v", took.Round(time.Millisecond), answered.Peers)
			if took > peersTimeout+5*time.Second {
				t.Errorf("answered after %v with PEERS_TIMEOUT=%v", took, peersTimeout)
			}
			for i, want := range []struct {
				status int
				err    string
			}{{http.StatusOK, ""}, {0, "no whole answer within 2s"}, {0, "Connection refused"}} {
				if got := answered.Peers[i]; got.URL != urls[i] || got.Status != want.status || got.Error != want.err {
					t.Errorf("%s: got %d %q, want %d %q", urls[i], got.Status, got.Error, want.status, want.err)
				}
			}
		})
	}
}
