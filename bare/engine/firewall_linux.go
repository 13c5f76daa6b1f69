package engine

import (
	"fmt"
	"os/exec"
	"strings"

	"example.com/stagecraft/bare/internal/say"
)

// rule is one rule of the engine's own chain, or the jump to it.
type rule []string

// firewallRules is all that the engine needs of a firewall: its containers
// reach the world under the machine's address, and answers come back even
// where a neighbouring Docker set the forward policy to drop.
func (h Home) firewallRules(n network) map[string][]rule {
	return map[string][]rule{
		"nat": {
			{"-s", n.Pool, "!", "-d", n.Pool, "-j", "MASQUERADE"},
		},
		"filter": {
			{"-s", n.Pool, "-j", "ACCEPT"},
			{"-d", n.Pool, "-m", "conntrack", "--ctstate", "RELATED,ESTABLISHED", "-j", "ACCEPT"},
		},
	}
}

// hooks are the built-in chains that jump to ours.
var hooks = map[string]string{"nat": "POSTROUTING", "filter": "FORWARD"}

// ensureFirewall makes the chain.
func (h Home) ensureFirewall(n network) error {
	ipt := iptablesCommand(n.Firewall)
	for table, rules := range h.firewallRules(n) {
		steps := []rule{{"-F", h.chain()}}
		if ipt.run(table, "-S", h.chain()) != nil {
			steps = []rule{{"-N", h.chain()}}
		}
		for _, r := range rules {
			steps = append(steps, append(rule{"-A", h.chain()}, r...))
		}
		if ipt.run(table, "-C", hooks[table], "-j", h.chain()) != nil {
			steps = append(steps, rule{"-I", hooks[table], "-j", h.chain()})
		}
		for _, step := range steps {
			if err := ipt.run(table, step...); err != nil {
				return fmt.Errorf("making the firewall chain %s: %w", h.chain(), err)
			}
		}
	}
	return nil
}

// removeFirewall deletes our chain and the jumps to it.
func (h Home) removeFirewall(program string) error {
	ipt := iptablesCommand(program)
	for table, hook := range hooks {
		if program == "" || ipt.run(table, "-S", h.chain()) != nil {
			continue // it is not there
		}
		for ipt.run(table, "-C", hook, "-j", h.chain()) == nil {
			if err := ipt.run(table, "-D", hook, "-j", h.chain()); err != nil {
				return fmt.Errorf("removing the firewall chain %s: %w", h.chain(), err)
			}
		}
		for _, step := range []string{"-F", "-X"} {
			if err := ipt.run(table, step, h.chain()); err != nil {
				return fmt.Errorf("removing the firewall chain %s: %w", h.chain(), err)
			}
		}
	}
	return nil
}

// iptablesCommand is the name of an iptables program.
type iptablesCommand string

// A kernel may know only one of the two interfaces, whatever Debian's default is.
var iptablesNames = []string{"iptables", "iptables-nft", "iptables-legacy"}

func iptables() (iptablesCommand, error) {
	var failed []string
	for _, name := range iptablesNames {
		err := iptablesCommand(name).run("nat", "-S", "POSTROUTING")
		if err == nil {
			return iptablesCommand(name), nil
		}
		failed = append(failed, err.Error())
	}
	return "", fmt.Errorf("finding a firewall that can translate addresses: %s; this kernel cannot give containers a network", strings.Join(failed, "; "))
}

func (c iptablesCommand) run(table string, args ...string) error {
	args = append([]string{"-w", "10", "-t", table}, args...)
	out, err := exec.Command(string(c), args...).CombinedOutput()
	if err != nil && len(out) > 0 {
		return fmt.Errorf("%s %s: %s", c, strings.Join(args, " "), say.LastLine(out))
	}
	return err
}
