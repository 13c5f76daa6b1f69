package run

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"

	"example.com/stagecraft/internal/catalog"
)

// loopback is where ports are published: nobody else on the network gets to talk to a service under test.
var loopback = netip.AddrFrom4([4]byte{127, 0, 0, 1})

// emulatorMemory is what an emulator takes beside the service: it keeps the code that it has translated, up to 128 MiB of it
// in QEMU's user mode, with its own bookkeeping. The engine cannot tell the two apart.
const emulatorMemory catalog.Bytes = 256_000_000

// Memory is the limit for the container: the service's own, and what an emulator needs to run it.
func (s Spec) Memory() catalog.Bytes {
	if s.emulated {
		return s.Service.Run.Memory + emulatorMemory
	}
	return s.Service.Run.Memory
}

// Contract puts the runtime contract of a service into a container's settings: what it may use, and that it may do nothing
// else. In words of the docker command: --read-only --cap-drop ALL --security-opt no-new-privileges --memory M
// --memory-swap M --tmpfs ... --publish 127.0.0.1::PORT.
func (s Spec) Contract(host *container.HostConfig) {
	host.ReadonlyRootfs = true
	host.CapDrop = []string{"ALL"}
	host.SecurityOpt = []string{"no-new-privileges"}
	host.Memory = int64(s.Memory())
	host.MemorySwap = host.Memory // both together, so: no swap
	host.Tmpfs = make(map[string]string, len(s.Service.Run.Tmpfs))
	for _, path := range s.Service.Run.Tmpfs {
		host.Tmpfs[path] = ""
	}
	host.PortBindings = network.PortMap{s.port(): {{HostIP: loopback}}}
	host.RestartPolicy = container.RestartPolicy{Name: container.RestartPolicyDisabled}
}

func (s Spec) port() network.Port {
	return network.MustParsePort(strconv.Itoa(s.Service.Port) + "/tcp")
}

// probeWithin is for one probe: an emulated interpreter takes most of it to start on a busy machine.
const probeWithin = time.Minute

// probe keeps the image's own probe and asks it every second until it first succeeds, so that a test need not wait for the
// interval that suits production.
func (s Spec) probe() *container.HealthConfig {
	if s.Unprobed {
		return &dockerspec.HealthcheckConfig{Test: []string{"NONE"}}
	}
	return &dockerspec.HealthcheckConfig{StartPeriod: readyWithin, StartInterval: time.Second, Timeout: probeWithin}
}

// checkImage refuses an image whose own configuration breaks the contract. The contract names no user: it is the image that
// must be right, since a production platform will not set one either.
func checkImage(name string, config *dockerspec.DockerOCIImageConfig) error {
	if config == nil {
		return fmt.Errorf("image %s has no configuration", name)
	}
	user, _, _ := strings.Cut(config.User, ":")
	switch id, err := strconv.ParseUint(user, 10, 32); {
	case err != nil:
		return fmt.Errorf("image %s runs as user %q: a number is needed, which a platform can check: write `USER 65532:65532`", name, config.User)
	case id == 0:
		return fmt.Errorf("image %s runs as root (user %q): write `USER 65532:65532`", name, config.User)
	}
	if config.Healthcheck == nil || len(config.Healthcheck.Test) == 0 || config.Healthcheck.Test[0] == "NONE" {
		return fmt.Errorf("image %s has no HEALTHCHECK", name)
	}
	return nil
}
