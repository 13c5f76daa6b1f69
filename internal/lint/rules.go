// Package lint checks Dockerfiles against practices.
package lint

import "example.com/stagecraft/internal/finding"

// rule is a rule for Dockerfiles and how it is checked.
type rule struct {
	finding.Rule
	check      func(d *Dockerfile, found atLine)
	checkNamed func(d *Dockerfile) []finding.Finding // instead of check, where findings have names of their own: Rule.Names
}

// atLine reports what is wrong in a line of a Dockerfile, 0 for the whole file, and the edit or command that fixes it. about
// is for rules whose waivers must name what they are about.
type atLine func(line int, what, fix string, about ...string)

// checks are the rules in the order of the documentation.
var checks = []*rule{
	parse, buildChecks, named, stages, pinned, supported, contextRule, sources, ascii, maintainer,
	lastStage, undeclared, add, secrets, user, execForm, devServer,
	copyOnly, layers, tools, libc,
	finalPlatform, platformDefault, native, toolchain, cache, aptLeftovers, pipefail, downloadsRule, locked, devDependencies, goFlags,
}

// Rules are the rules for Dockerfiles and for waivers.
var Rules = func() finding.Rules {
	all := finding.Rules{finding.WaiverRule}
	for _, c := range checks {
		all = append(all, &c.Rule)
	}
	return all
}()
