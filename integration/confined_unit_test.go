package integration

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"

	"example.com/stagecraft/internal/catalog"
)

// Each setting of the contract is missed when it is not there.
func TestBeyondContract(t *testing.T) {
	l := &laboratory{native: "linux/amd64"}
	target := l.target(catalog.Service{Port: 8080, Run: catalog.Run{Memory: 64_000_000}}, l.native)
	for words, change := range map[string]func(*container.HostConfig){
		"":                                      func(*container.HostConfig) {},
		"the root file system is not read-only": func(h *container.HostConfig) { h.ReadonlyRootfs = false },
		"capabilities: dropped []":              func(h *container.HostConfig) { h.CapDrop = nil },
		"added [NET_RAW]":                       func(h *container.HostConfig) { h.CapAdd = []string{"NET_RAW"} },
		"privileged true":                       func(h *container.HostConfig) { h.Privileged = true },
		"new privileges may be gained":          func(h *container.HostConfig) { h.SecurityOpt = nil },
		"memory: the limit is 0 bytes":          func(h *container.HostConfig) { h.Memory = 0 },
		"is published on 0.0.0.0, for the whole net": func(h *container.HostConfig) {
			h.PortBindings[network.MustParsePort("8080/tcp")][0].HostIP = netip.IPv4Unspecified()
		},
	} {
		var host container.HostConfig
		target.confine(&host)
		change(&host)
		expectFinding(t, beyondContract(&host, target.memory()), words)
	}
}

const (
	confinedStatus = "Name:\tfixture\nUid:\t65532\t65532\t65532\t65532\nGid:\t65532\t65532\t65532\t65532\n" +
		"CapInh:\t0000000000000000\nCapPrm:\t0000000000000000\nCapEff:\t0000000000000000\nCapBnd:\t0000000000000000\nCapAmb:\t0000000000000000\nNoNewPrivs:\t1\n"
	confinedMounts = "600 500 0:50 / / ro,relatime - overlay overlay rw,lowerdir=/a\n601 600 0:51 / /proc rw,nosuid - proc proc rw\n" +
		"602 600 0:52 / /dev/shm rw,nosuid - tmpfs shm rw\n603 600 0:53 / /tmp rw,nosuid,noexec - tmpfs tmpfs rw\n604 600 8:1 /h /etc/hosts ro,relatime - ext4 /dev/sda rw\n"
)

// Each thing that the kernel allows a process beyond the contract is found.
func TestProcess(t *testing.T) {
	for _, test := range []struct{ old, new, words string }{
		{"", "", ""},
		{"Uid:\t65532\t65532", "Uid:\t65532\t0", "the process runs as root: Uid [65532 0 65532 65532]"},
		{"Gid:\t65532", "Gid:\t0", "the process runs as root: Gid"},
		{"Uid:\t65532\t65532\t65532\t65532\n", "", "the process runs as root: Uid []"},
		{"CapBnd:\t0000000000000000", "CapBnd:\t00000000a80425fb", "the process has capabilities: CapBnd 00000000a80425fb"},
		{"CapEff:\t0000000000000000\n", "", "the process has capabilities: CapEff"},
		{"NoNewPrivs:\t1", "NoNewPrivs:\t0", "the process may gain privileges: NoNewPrivs 0"},
		{"/ / ro,relatime", "/ / rw,relatime", "the process may write below /, which run.tmpfs does not list"},
		{"/etc/hosts ro", "/etc/hosts rw", "the process may write below /etc/hosts, which run.tmpfs does not list"},
		{"/tmp rw", "/tmp ro", "the process may not write below /tmp, which run.tmpfs lists"},
		{" /dev/shm ", " /devices ", "the process may write below /devices, which run.tmpfs does not list"},
	} {
		p := process{status: strings.Replace(confinedStatus, test.old, test.new, 1), mountinfo: strings.Replace(confinedMounts, test.old, test.new, 1)}
		expectFinding(t, p.confined([]string{"/tmp"}), test.words)
	}
}

// An image must name a user by number, and not root: a platform that runs it can check nothing else.
func TestUser(t *testing.T) {
	for user, words := range map[string]string{
		"65532:65532": "",
		"65532":       "",
		"":            `the image runs as user ""`,
		"0:0":         "the image runs as root",
		"0":           "the image runs as root",
		"app":         "the image runs as user \"app\": a number is needed, which a platform can check: write `USER 65532:65532`",
	} {
		var found []error
		if err := checkUser(user); err != nil {
			found = append(found, err)
		}
		expectFinding(t, found, words)
	}
}

// expectFinding expects one finding with these words; no finding when there are no words.
func expectFinding(t *testing.T, found []error, words string) {
	t.Helper()
	switch {
	case words == "" && len(found) > 0:
		t.Errorf("found %v, expected nothing", errors.Join(found...))
	case words != "" && (len(found) != 1 || !strings.Contains(found[0].Error(), words)):
		t.Errorf("found %v, expected %q", errors.Join(found...), words)
	}
}
