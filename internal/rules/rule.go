// Package rules checks Dockerfiles and images against practices: one Rule a practice, one way to waive a finding, one report.
package rules

import (
	"strings"

	"github.com/moby/buildkit/util/suggest"
)

// Rule is one practice. A rule looks at Dockerfiles or at images, never at both; exactly one of its checks is set.
type Rule struct {
	Key      string   // as waivers and reports name it: lower-case letters, digits, single hyphens
	Practice string   // what is true wherever the rule finds nothing: one sentence
	Why      string   // what goes wrong without it
	Source   string   // where that can be read: a URL
	Fix      string   // how to follow it
	Bad      string   // the smallest example that it reports
	Good     string   // the same, fixed
	Severity Severity // of what it finds; "" is Warning
	Needs    Needs
	About    string // what a waiver in a Dockerfile must name; "" when it waives whatever the rule finds

	checkDockerfile func(d *Dockerfile, found atLine)
	checkImage      func(i *Image, found atPath)
}

// Needs is what a rule must know besides its subject. Rules that need more than is known are not applied.
type Needs int

// What can be known besides a Dockerfile or an image.
const (
	NothingElse Needs = iota
	Context           // the folder that the Dockerfile is built from
	Service           // the service's service.yaml
)

// atLine reports what is wrong in a line of a Dockerfile, 0 for the whole file, and the edit or command that fixes it. about
// is for rules whose waivers must name what they are about.
type atLine func(line int, what, fix string, about ...string)

// atPath reports what is wrong with a path of an image, "" for the whole image, and the edit or command that fixes it.
type atPath func(path, what, fix string, details ...string)

// All are the rules, those for Dockerfiles first, in the order of the documentation.
var All = []*Rule{
	waiverRule,
	parse, buildChecks, named, stages, pinned, supported, contextRule, sources, ascii, maintainer,
	secrets, user, execForm, devServer,
	copyOnly, layers, tools, libc,
	finalPlatform, native, toolchain, cache, aptLeftovers, pipefail, downloadsRule, locked, devDependencies, goFlags,

	arch, loads, lean, privilege, config, attributable, size,
}

// Find is the rule with that key, or nil. BuildKit's checks are those of one rule.
func Find(key string) *Rule {
	if isBuildCheck(key) {
		return buildChecks
	}
	for _, r := range All {
		if r.Key == key {
			return r
		}
	}
	return nil
}

// ForImages reports whether the rule looks at images; otherwise it looks at Dockerfiles.
func (r *Rule) ForImages() bool { return r.checkImage != nil }

// Unknown is a sentence about a key that no rule has, with the nearest one that exists.
func Unknown(key string) string {
	var keys []string
	for _, r := range All {
		keys = append(keys, r.Key)
	}
	if near, ok := suggest.Search(key, keys, true); ok {
		return "there is no rule " + key + "; did you mean " + near + "?"
	}
	return "there is no rule " + key + "; the rules are " + strings.Join(keys, ", ")
}
