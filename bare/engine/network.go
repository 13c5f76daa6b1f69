package engine

import (
	"fmt"
	"net/netip"
)

// network is what the engine got of the machine's address space.
type network struct {
	Pool string `json:"pool"` // all networks of the engine are cut from it
	MTU  int    `json:"mtu"`
	// Firewall is the program that holds our rules: asking another one would
	// create tables that nobody wants.
	Firewall string `json:"firewall"`
}

// candidates are the pools that we try: high in 10/8, where neither Docker's
// defaults (172.17/16 and on, 192.168/16) nor most companies' networks lie; then,
// where a VPN has all of 10/8, the last that Docker would take.
func candidates() []netip.Prefix {
	var pools []netip.Prefix
	for i := 199; i <= 249; i++ {
		pools = append(pools, netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i), 0, 0}), 16))
	}
	for i := 31; i >= 18; i-- {
		pools = append(pools, netip.PrefixFrom(netip.AddrFrom4([4]byte{172, byte(i), 0, 0}), 16))
	}
	for i := 240; i >= 16; i -= 16 {
		pools = append(pools, netip.PrefixFrom(netip.AddrFrom4([4]byte{192, 168, byte(i), 0}), 20))
	}
	return pools
}

// pickPool returns the wanted pool when it is free, or else the first free one.
func pickPool(wanted string, taken []netip.Prefix) (netip.Prefix, error) {
	pools := candidates()
	if p, err := netip.ParsePrefix(wanted); err == nil {
		pools = append([]netip.Prefix{p}, pools...)
	}
	for _, pool := range pools {
		free := true
		for _, t := range taken {
			// A default route overlaps with all and takes nothing, and so do its
			// parts, such as the 0/1 and 128/1 of a VPN.
			if t.Bits() >= 8 && pool.Overlaps(t) {
				free = false
			}
		}
		if free {
			return pool, nil
		}
	}
	return netip.Prefix{}, fmt.Errorf("finding addresses for the engine's network: 10.199.0.0/16 to 10.249.0.0/16, 172.18.0.0/16 to 172.31.0.0/16 and 192.168.16.0/20 to 192.168.240.0/20 are in use here; take one of those routes down, or use a Docker of this system (set DOCKER_HOST)")
}

// gateway is the bridge's own address: the first one of the pool, in a /24.
func gateway(pool netip.Prefix) netip.Prefix {
	return netip.PrefixFrom(pool.Addr().Next(), 24)
}
