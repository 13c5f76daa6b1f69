package engine

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/bits"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"time"
)

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
