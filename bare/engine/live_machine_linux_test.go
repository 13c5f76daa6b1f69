package engine

import (
	"net"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// neighbour makes what a system Docker has on the machine, where there is none.
func neighbour(t *testing.T) {
	t.Helper()
	if _, err := net.InterfaceByName("docker0"); err != nil {
		must(t, "ip", "link", "add", "docker0", "type", "bridge")
		t.Cleanup(func() { must(t, "ip", "link", "delete", "docker0") })
	}
	ipt, err := iptables()
	if err != nil {
		t.Fatal(err)
	}
	// The chain that a second dockerd would empty.
	if ipt.run("nat", "-S", "DOCKER") == nil {
		return
	}
	must(t, string(ipt), "-t", "nat", "-N", "DOCKER")
	must(t, string(ipt), "-t", "nat", "-A", "DOCKER", "-p", "tcp", "--dport", "9", "-j", "RETURN")
	t.Cleanup(func() {
		must(t, string(ipt), "-t", "nat", "-F", "DOCKER")
		must(t, string(ipt), "-t", "nat", "-X", "DOCKER")
	})
}

// machine describes what others have on the machine.
func machine(t *testing.T) map[string]string {
	t.Helper()
	ipt, err := iptables()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	for _, table := range []string{"nat", "filter"} {
		out, err := exec.Command(string(ipt), "-w", "10", "-t", table, "-S").Output()
		if err != nil {
			t.Fatal(err)
		}
		seen["firewall"] += string(out)
	}
	if dev, err := net.InterfaceByName("docker0"); err == nil {
		seen["docker0"] = strconv.Itoa(dev.Index) // made again, it would have another
	}
	return seen
}

// same compares, but for what is the engine's own.
func same(t *testing.T, before, after map[string]string, own Home) {
	t.Helper()
	if before["docker0"] != after["docker0"] {
		t.Errorf("docker0 was %q, is %q", before["docker0"], after["docker0"])
	}
	var others []string
	for _, line := range strings.Split(after["firewall"], "\n") {
		if !strings.Contains(line, own.chain()) {
			others = append(others, line)
		}
	}
	if got := strings.Join(others, "\n"); got != before["firewall"] {
		t.Errorf("the firewall was:\n%s\nis:\n%s", before["firewall"], got)
	}
}

func must(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}
