package integration

import (
	"net/netip"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"
	mobynet "github.com/moby/moby/api/types/network"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/network"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/limits"
)

// loopback is where ports are published: nobody else on the network can reach a service under test.
var loopback = netip.AddrFrom4([4]byte{127, 0, 0, 1})

// emulatorMemory is what an emulator takes in addition to the service: it keeps the code that it has translated, up to
// 128 MiB of it in QEMU's user mode, with its own bookkeeping. The engine counts both together.
const emulatorMemory catalog.Bytes = 256_000_000

// contract is the runtime contract of a service: what its container is given and may use, and that it may do nothing else.
func (t target) contract(image image) []testcontainers.ContainerCustomizer {
	options := []testcontainers.ContainerCustomizer{
		testcontainers.WithImagePlatform(string(t.platform)),
		testcontainers.WithLabels(t.owner.labels()),
		testcontainers.WithEnv(t.service.Environment),
		testcontainers.WithHostConfigModifier(func(host *container.HostConfig) { t.confine(host, image.ports...) }),
	}
	if t.service.Port > 0 {
		options = append(options, testcontainers.WithExposedPorts(t.port()))
	}
	if t.network != nil {
		options = append(options, network.WithNetwork([]string{t.alias}, t.network))
	}
	return options
}

// confine is, in words of the docker command: --read-only --cap-drop ALL --security-opt no-new-privileges --memory M
// --memory-swap M --tmpfs ... --publish 127.0.0.1::PORT. It sets no user: the image must have a right one.
// What the image exposes of itself is published too, by testcontainers-go, where service.yaml names no port.
func (t target) confine(host *container.HostConfig, exposed ...string) {
	allowed := limits.Of(t.service)
	host.ReadonlyRootfs = allowed.ReadOnly
	host.CapDrop = allowed.CapDrop
	host.SecurityOpt = allowed.SecurityOpt
	host.Memory = int64(t.memory())
	host.MemorySwap = host.Memory // both together, so: no swap
	host.Tmpfs = map[string]string{}
	for _, path := range allowed.Tmpfs {
		host.Tmpfs[path] = limits.TmpfsOptions
	}
	if t.service.Port > 0 {
		exposed = []string{t.port()}
	}
	host.PortBindings = mobynet.PortMap{}
	for _, port := range exposed {
		host.PortBindings[mobynet.MustParsePort(port)] = []mobynet.PortBinding{{HostIP: loopback}}
	}
}

// memory is the limit for the container: the service's own, and what an emulator needs to run it.
func (t target) memory() catalog.Bytes {
	if t.platform != t.native {
		return limits.Of(t.service).Memory + emulatorMemory
	}
	return limits.Of(t.service).Memory
}

func (t target) port() string { return strconv.Itoa(t.service.Port) + "/tcp" }

// probeWithin is for one probe: an emulated interpreter takes most of it to start on a busy machine.
const probeWithin = time.Minute

// probed keeps the image's HEALTHCHECK. It is asked often until it first succeeds, since no test waits for the interval that
// suits production, and not again while the service is tried.
func (t target) probed() testcontainers.CustomizeRequestOption {
	interval := time.Second
	if t.pace > 1 {
		interval = 10 * time.Second // an emulated probe costs seconds of the processor that the service needs to start
	}
	return testcontainers.WithConfigModifier(func(config *container.Config) {
		config.Healthcheck = &container.HealthConfig{
			StartPeriod: startWithinEmulated, StartInterval: interval, Timeout: probeWithin, Interval: time.Hour,
		}
	})
}

// unprobed turns the image's HEALTHCHECK off.
var unprobed = testcontainers.WithConfigModifier(func(config *container.Config) {
	config.Healthcheck = &container.HealthConfig{Test: []string{"NONE"}}
})

func TestContract(t *testing.T) {
	l := &laboratory{native: "linux/amd64"}
	service := catalog.Service{Port: 3000, Run: catalog.Run{Memory: 64_000_000, Tmpfs: []string{"/tmp"}}}
	host := container.HostConfig{Tmpfs: map[string]string{"/more": ""}}
	l.target(service, l.native).confine(&host)

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
	if memory := l.target(service, "linux/arm64").memory(); memory != 64_000_000+emulatorMemory {
		t.Errorf("memory when emulated: %d", memory)
	}
	if host.Tmpfs["/tmp"] != "mode=1777" || len(host.Tmpfs) != 1 {
		t.Errorf("may be written: %v", host.Tmpfs)
	}
	bindings := host.PortBindings[mobynet.MustParsePort("3000/tcp")]
	if len(host.PortBindings) != 1 || len(bindings) != 1 || !bindings[0].HostIP.IsLoopback() {
		t.Errorf("published: %v", host.PortBindings)
	}
	worker := container.HostConfig{}
	if l.target(catalog.Service{Run: service.Run}, l.native).confine(&worker); len(worker.PortBindings) != 0 {
		t.Errorf("published without a port: %v", worker.PortBindings)
	}
}
