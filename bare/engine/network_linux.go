package engine

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"example.com/stagecraft/bare/internal/lock"
	"example.com/stagecraft/bare/internal/say"
)

// networkLock is held while a pool is picked: engines of other homes pick
// theirs from the same machine.
const networkLock = "/run/stagecraft-network.lock"

// ensureNetwork makes the engine's bridge and firewall chain, keeping the
// addresses of last time when they are still free. It writes down the state
// with them before it makes anything: what is not written there, a later
// command cannot take away, whether this one fails half-way or is killed.
func (h Home) ensureNetwork(ctx context.Context, s state) (state, error) {
	unlock, err := lock.Take(ctx, networkLock, nil)
	if err != nil {
		return s, err
	}
	defer unlock()

	taken, err := takenByOthers(h.bridges())
	if err != nil {
		return s, fmt.Errorf("reading this machine's addresses: %w", err)
	}
	pool, err := pickPool(s.Network.Pool, taken)
	if err != nil {
		return s, err
	}
	ipt, err := iptables()
	if err != nil {
		return s, err
	}
	s.Network = network{Pool: pool.String(), MTU: mtu(), Firewall: string(ipt)}
	if err := h.writeState(s); err != nil {
		return s, err
	}
	if err := h.ensureBridge(pool); err != nil {
		return s, err
	}
	// Containers reach other machines only through a host that forwards.
	const forward = "/proc/sys/net/ipv4/ip_forward"
	if on, _ := os.ReadFile(forward); strings.TrimSpace(string(on)) != "1" {
		if err := os.WriteFile(forward, []byte("1"), 0o644); err != nil {
			return s, fmt.Errorf("switching on forwarding for the engine's network: %w", err)
		}
	}
	return s, h.ensureFirewall(s.Network)
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
		if err := ip("link", "delete", h.bridge()); err != nil {
			return fmt.Errorf("making the network bridge again: %w", err)
		}
	}
	for _, args := range [][]string{
		// A bridge without an address of its own takes that of one of its ports, and changes it as containers come
		// and go: the others would go on talking to the old one.
		{"link", "add", h.bridge(), "address", hardwareAddress(pool).String(), "type", "bridge"},
		{"address", "add", want, "dev", h.bridge()},
		{"link", "set", h.bridge(), "up"},
	} {
		if err := ip(args...); err != nil {
			return fmt.Errorf("making the network bridge %s: %w", h.bridge(), err)
		}
	}
	return nil
}

// bridges lists the engine's network devices: its own bridge, and those that
// dockerd made for networks of the engine's users. A device called br-ID is
// ours when our dockerd's store knows the ID.
func (h Home) bridges() []string {
	ours := []string{h.bridge()}
	store, _ := os.ReadFile(h.path("data/network/files/local-kv.db"))
	devs, _ := filepath.Glob("/sys/class/net/br-*")
	for _, path := range devs {
		name := filepath.Base(path)
		if id := strings.TrimPrefix(name, "br-"); len(id) == 12 && bytes.Contains(store, []byte(id)) {
			ours = append(ours, name)
		}
	}
	return ours
}

func (h Home) removeBridges() error {
	for _, name := range h.bridges() {
		if _, err := net.InterfaceByName(name); err != nil {
			continue // it is not there
		}
		if err := ip("link", "delete", name); err != nil {
			return fmt.Errorf("removing the network bridge %s: %w", name, err)
		}
	}
	return nil
}

// ip runs the program that makes and deletes network devices.
func ip(args ...string) error {
	if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("ip %s: %s (%w)", strings.Join(args, " "), say.LastLine(out), err)
	}
	return nil
}

// hardwareAddress is a locally administered address made from the gateway's, which no other engine here has.
func hardwareAddress(pool netip.Prefix) net.HardwareAddr {
	ip := gateway(pool).Addr().As4()
	return net.HardwareAddr{0x02, 0x42, ip[0], ip[1], ip[2], ip[3]}
}

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
