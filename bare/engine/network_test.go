package engine

import (
	"net/netip"
	"strings"
	"testing"
)

func prefixes(texts ...string) []netip.Prefix {
	var all []netip.Prefix
	for _, text := range texts {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}

func TestPickPool(t *testing.T) {
	for _, c := range []struct {
		name, wanted, want string
		taken              []netip.Prefix
	}{
		{"the first", "", "10.199.0.0/16", prefixes("192.0.2.0/24")},
		{"a default route takes nothing", "", "10.199.0.0/16", prefixes("0.0.0.0/0")},
		{"an interface in it", "", "10.200.0.0/16", prefixes("10.199.7.1/24")},
		{"a route around it", "", "10.208.0.0/16", prefixes("10.192.0.0/12")},
		{"last time's", "10.220.0.0/16", "10.220.0.0/16", nil},
		{"last time's, taken since", "10.220.0.0/16", "10.199.0.0/16", prefixes("10.220.0.0/24")},
		{"a VPN's halves of a default route", "", "10.199.0.0/16", prefixes("0.0.0.0/1", "128.0.0.0/1")},
		{"a VPN's 10/8", "", "172.31.0.0/16", prefixes("10.0.0.0/8", "0.0.0.0/1")},
		{"a VPN's 10/8 and 172.16/12", "", "192.168.240.0/20", prefixes("10.0.0.0/8", "172.16.0.0/12", "192.168.1.0/24")},
		{"nonsense wanted", "none", "10.199.0.0/16", nil},
	} {
		got, err := pickPool(c.wanted, c.taken)
		if err != nil || got.String() != c.want {
			t.Errorf("%s: %v (%v), want %s", c.name, got, err, c.want)
		}
	}
	_, err := pickPool("", prefixes("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
	if err == nil || !strings.Contains(err.Error(), "DOCKER_HOST") {
		t.Errorf("all taken: error %v, want one with a way out", err)
	}
}

func TestGateway(t *testing.T) {
	if got := gateway(netip.MustParsePrefix("10.199.0.0/16")).String(); got != "10.199.0.1/24" {
		t.Errorf("gateway %s", got)
	}
}
