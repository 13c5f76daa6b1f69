package run

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"

	"example.com/stagecraft/internal/catalog"
)

func TestContract(t *testing.T) {
	host := container.HostConfig{Tmpfs: map[string]string{"/more": ""}, CapAdd: nil}
	spec := Spec{Service: catalog.Service{Port: 3000, Run: catalog.Run{Memory: 64_000_000, Tmpfs: []string{"/tmp"}}}}
	spec.Contract(&host)

	if !host.ReadonlyRootfs {
		t.Error("the root file system can be written")
	}
	if !slices.Equal(host.CapDrop, []string{"ALL"}) {
		t.Errorf("capabilities dropped: %v", host.CapDrop)
	}
	if !slices.Equal(host.SecurityOpt, []string{"no-new-privileges"}) {
		t.Errorf("security options: %v", host.SecurityOpt)
	}
	if host.Memory != 64_000_000 || host.MemorySwap != host.Memory {
		t.Errorf("memory %d, with swap %d", host.Memory, host.MemorySwap)
	}
	if spec.emulated = true; spec.Memory() != 64_000_000+emulatorMemory {
		t.Errorf("memory when emulated: %d", spec.Memory())
	}
	if _, ok := host.Tmpfs["/tmp"]; !ok || len(host.Tmpfs) != 1 {
		t.Errorf("may be written: %v", host.Tmpfs)
	}
	bindings := host.PortBindings[network.MustParsePort("3000/tcp")]
	if len(host.PortBindings) != 1 || len(bindings) != 1 || !bindings[0].HostIP.IsLoopback() {
		t.Errorf("published: %v", host.PortBindings)
	}
}

func TestCheckImage(t *testing.T) {
	probe := &dockerspec.HealthcheckConfig{Test: []string{"CMD", "/probe"}}
	tests := map[string]struct {
		user  string
		probe *dockerspec.HealthcheckConfig
		want  string
	}{
		"right":          {"65532:65532", probe, ""},
		"without group":  {"65532", probe, ""},
		"nobody set":     {"", probe, `image i runs as user ""`},
		"root":           {"0:0", probe, "image i runs as root"},
		"root in group":  {"0", probe, "image i runs as root"},
		"by name":        {"app", probe, `image i runs as user "app": a number is needed`},
		"no probe":       {"65532", nil, "image i has no HEALTHCHECK"},
		"probe disabled": {"65532", &dockerspec.HealthcheckConfig{Test: []string{"NONE"}}, "image i has no HEALTHCHECK"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			config := &dockerspec.DockerOCIImageConfig{}
			config.User, config.Healthcheck = test.user, test.probe
			err := checkImage("i", config)
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.HasPrefix(err.Error(), test.want)) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func TestAddresses(t *testing.T) {
	seen := &container.InspectResponse{NetworkSettings: &container.NetworkSettings{
		Ports: network.PortMap{
			network.MustParsePort("9000/tcp"): {{HostIP: loopback, HostPort: "1"}},
			network.MustParsePort("8080/tcp"): {{HostIP: loopback, HostPort: "32768"}},
		},
		Networks: map[string]*network.EndpointSettings{"bridge": {IPAddress: netip.MustParseAddr("172.30.0.2")}},
	}}
	published, direct := addresses(seen, 8080, netip.AddrPort{})
	if published.String() != "127.0.0.1:32768" || direct.String() != "172.30.0.2:8080" {
		t.Errorf("published at %s, direct %s", published, direct)
	}
	kept, none := addresses(&container.InspectResponse{}, 8080, published)
	if kept != published || none.IsValid() {
		t.Errorf("of an ended container: published at %s, direct %s", kept, none)
	}
}

func TestEnvironment(t *testing.T) {
	s := Spec{Service: catalog.Service{Name: "x", Environment: map[string]string{"A": "1", "B": "1"}}, Platform: "linux/arm64", Env: map[string]string{"B": "2"}}
	if env := s.environment(); len(env) != 2 || env["A"] != "1" || env["B"] != "2" {
		t.Errorf("got %v", env)
	}
	if s.Service.Environment["B"] != "1" {
		t.Error("the service's own environment was changed")
	}
	if s.Image() != "stagecraft/x:dev-arm64" {
		t.Errorf("got %s", s.Image())
	}
}

func TestProbe(t *testing.T) {
	own := Spec{}.probe()
	if len(own.Test) != 0 || own.StartInterval == 0 || own.StartPeriod == 0 {
		t.Errorf("the image's own probe: %+v", own)
	}
	if none := (Spec{Unprobed: true}).probe(); !slices.Equal(none.Test, []string{"NONE"}) {
		t.Errorf("no probe: %+v", none)
	}
}
