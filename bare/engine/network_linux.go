package engine

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/bits"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/stagecraft/bare/internal/lock"
	"example.com/stagecraft/bare/internal/say"
)

// networkLock is held while a pool is picked: engines of other homes pick
// theirs from the same machine.
const networkLock = "/run/stagecraft-network.lock"

// ensureNetwork makes the engine's bridge and firewall chain, keeping the
// addresses of last time when they are still free.
func (h Home) ensureNetwork(last network) (network, error) {
	unlock, err := lock.Take(networkLock, nil)
	if err != nil {
		return network{}, err
	}
	defer unlock()

	taken, err := takenByOthers(h.bridges())
	if err != nil {
		return network{}, fmt.Errorf("reading this machine's addresses: %w", err)
	}
	pool, err := pickPool(last.Pool, taken)
	if err != nil {
		return network{}, err
	}
	n := network{Pool: pool.String(), MTU: mtu()}
	if err := h.ensureBridge(pool); err != nil {
		return network{}, err
	}
	// Containers reach other machines only through a host that forwards.
	const forward = "/proc/sys/net/ipv4/ip_forward"
	if on, _ := os.ReadFile(forward); strings.TrimSpace(string(on)) != "1" {
		if err := os.WriteFile(forward, []byte("1"), 0o644); err != nil {
			return network{}, fmt.Errorf("switching on forwarding for the engine's network: %w", err)
		}
	}
	n.Firewall, err = h.ensureFirewall(n)
	return n, err
}

func (h Home) ensureBridge(pool netip.Prefix) error {
	want := gateway(pool).String()
	if dev, err := net.InterfaceByName(h.bridge()); err == nil {
		addrs, _ := dev.Addrs()
		for _, a := range addrs {
			if a.String() == want {
				return nil
			}
		}
		deleteLink(h.bridge())
	}
	for _, args := range [][]string{
		{"link", "add", h.bridge(), "type", "bridge"},
		{"address", "add", want, "dev", h.bridge()},
		{"link", "set", h.bridge(), "up"},
	} {
		if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
			return fmt.Errorf("making the network bridge %s: ip %s: %s (%w)", h.bridge(), strings.Join(args, " "), say.LastLine(out), err)
		}
	}
	return nil
}

// bridges lists the engine's network devices: its own bridge, and those that
// dockerd made for networks of the engine's users. A device called br-ID is
// ours when our dockerd's store knows the ID.
func (h Home) bridges() []string {
	ours := []string{h.bridge()}
	store, _ := os.ReadFile(filepath.Join(h.dataRoot(), "network/files/local-kv.db"))
	devs, _ := filepath.Glob("/sys/class/net/br-*")
	for _, path := range devs {
		name := filepath.Base(path)
		if id := strings.TrimPrefix(name, "br-"); len(id) == 12 && bytes.Contains(store, []byte(id)) {
			ours = append(ours, name)
		}
	}
	return ours
}

func (h Home) removeBridges() {
	for _, name := range h.bridges() {
		deleteLink(name)
	}
}

func deleteLink(name string) { exec.Command("ip", "link", "delete", name).Run() }

// takenByOthers lists the address ranges of all network devices but ours.
func takenByOthers(ours []string) ([]netip.Prefix, error) {
	all, err := addresses()
	if err != nil {
		return nil, err
	}
	routes, err := readRoutes()
	if err != nil {
		return nil, err
	}
	var taken []netip.Prefix
	for _, a := range append(all, routes...) {
		if !slices.Contains(ours, a.dev) {
			taken = append(taken, a.prefix)
		}
	}
	return taken, nil
}

// deviceRange is a range of addresses that a network device has or leads to.
type deviceRange struct {
	dev    string
	prefix netip.Prefix
}

// addresses lists the addresses of all devices. The kernel interrupts the
// listing when a device comes or goes, which on a busy engine is often.
func addresses() (all []deviceRange, err error) {
	for range 50 {
		if all, err = addressesOnce(); err == nil {
			return all, nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	return nil, fmt.Errorf("listing the addresses of this machine: %w", err)
}

func addressesOnce() ([]deviceRange, error) {
	devs, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	var all []deviceRange
	for _, dev := range devs {
		addrs, err := dev.Addrs()
		if err != nil {
			return nil, err
		}
		for _, a := range addrs {
			if p, err := netip.ParsePrefix(a.String()); err == nil {
				all = append(all, deviceRange{dev.Name, p})
			}
		}
	}
	return all, nil
}

// readRoutes reads the kernel's IPv4 routes, numbers in hexadecimal, low byte first.
func readRoutes() ([]deviceRange, error) {
	f, err := os.Open("/proc/net/route")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var routes []deviceRange
	for lines := bufio.NewScanner(f); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) < 8 {
			continue
		}
		to, err1 := hex.DecodeString(fields[1])
		mask, err2 := hex.DecodeString(fields[7])
		if err1 != nil || err2 != nil || len(to) != 4 || len(mask) != 4 {
			continue // the heading
		}
		addr := netip.AddrFrom4([4]byte{to[3], to[2], to[1], to[0]})
		routes = append(routes, deviceRange{fields[0], netip.PrefixFrom(addr, bits.OnesCount32(binary.BigEndian.Uint32(mask)))})
	}
	return routes, nil
}

// mtu is that of the way out: larger packets would be lost on their way back.
func mtu() int {
	routes, _ := readRoutes()
	for _, r := range routes {
		if r.prefix.Bits() != 0 {
			continue
		}
		data, _ := os.ReadFile("/sys/class/net/" + r.dev + "/mtu")
		if n, err := strconv.Atoi(strings.TrimSpace(string(data))); err == nil {
			return n
		}
	}
	return 1500
}
