// Package finding is what linting and auditing have in common: rules, findings, waivers, policies and reports.
package finding

import (
	"slices"
	"strings"

	"github.com/moby/buildkit/util/suggest"
)

// Rule describes one practice. How it is checked is up to the package of what it looks at.
type Rule struct {
	Key      string   // as waivers and reports name it: lower-case letters, digits, single hyphens
	Images   bool     // it looks at images; otherwise at Dockerfiles
	Practice string   // what is true wherever the rule finds nothing: one sentence
	Why      string   // what goes wrong without it
	Source   string   // where that can be read: a URL
	Fix      string   // how to follow it
	Bad      string   // the smallest example that it reports
	Good     string   // the same, fixed
	Severity Severity // of what it finds; "" is Warning
	Needs    Needs
	Always   bool     // Policy.Only never leaves it out
	Names    []string // of its findings, where they do not have the rule's key
	About    string   // what a waiver in a Dockerfile must name; "" when it waives whatever the rule finds
}

// Needs is what a rule must know besides its subject. Rules that need more than is known are not applied.
type Needs int

// What can be known besides a Dockerfile or an image.
const (
	NothingElse Needs = iota
	Context           // the folder that the Dockerfile is built from
	Service           // the service's service.yaml
)

// Rules are rules that can be found by name.
type Rules []*Rule

// Find is the rule whose findings have that name, or nil.
func (all Rules) Find(name string) *Rule {
	for _, r := range all {
		if r.Key == name || slices.Contains(r.Names, name) {
			return r
		}
	}
	return nil
}

// Unknown is a sentence about a key that no rule has, with the nearest one that exists.
func (all Rules) Unknown(key string) string {
	var keys []string
	for _, r := range all {
		keys = append(keys, r.Key)
	}
	if near, ok := suggest.Search(key, keys, true); ok {
		return "there is no rule " + key + "; did you mean " + near + "?"
	}
	return "there is no rule " + key + "; the rules are " + strings.Join(keys, ", ")
}
