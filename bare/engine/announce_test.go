package engine

import (
	"fmt"
	"strings"
	"testing"
)

func TestAnnounce(t *testing.T) {
	var said strings.Builder
	h := Home("/c/engine")
	h.announce(func(f string, a ...any) { fmt.Fprintf(&said, f+"\n", a...) }, []string{"iptables"}, programs)
	for _, want := range []string{mobyVersion(), "iptables", "/c/engine", "5 minutes", "STAGECRAFT_ENGINE=off", "go tool mage engine:remove"} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("the announcement lacks %q:\n%s", want, &said)
		}
	}
}
