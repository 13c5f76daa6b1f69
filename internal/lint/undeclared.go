package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"example.com/stagecraft/internal/dockerfile"
	"example.com/stagecraft/internal/finding"
	"example.com/stagecraft/internal/shell"
)

var undeclared = &rule{Rule: finding.Rule{
	Key:      "undeclared",
	Practice: "A variable that a RUN uses is declared in its stage, above it, or set by the command itself.",
	Why: "The shell replaces it by an empty string, and the build continues: the wrong version is downloaded, or a program is " +
		"compiled for the wrong platform. BuildKit checks variables in all instructions but RUN. An ARG above the first FROM, an " +
		"ARG of another stage, and a variable that another RUN exported are not set; nor is TARGETARCH without its ARG.",
	Source: "https://docs.docker.com/build/building/variables/#scoping",
	Fix: "Write ARG NAME in the stage, above the RUN, or correct the name. ${NAME:-} says that it may be empty. A variable that a base image may set is " +
		"reported only where a declaration elsewhere, or one of a similar name, shows what was meant.",
	Bad:  "ARG VERSION=1.2\nFROM debian:trixie-slim\nRUN curl -fsSLO https://example.com/tool-$VERSION.tgz\n",
	Good: "ARG VERSION=1.2\nFROM debian:trixie-slim\nARG VERSION\nRUN curl -fsSLO https://example.com/tool-$VERSION.tgz\n",
}, check: func(d *Dockerfile, found atLine) {
	if d.otherFrontend() {
		return
	}
	for _, s := range d.Stages {
		reported := map[string]bool{} // one ARG is the fix for all uses in the stage
		for _, in := range s.Instructions {
			run, ok := in.Command.(*instructions.RunCommand)
			if !ok || !run.PrependShell || in.OnBuild || d.isForeign(run) {
				continue
			}
			e := d.environmentOf(s, in)
			v := shell.VariablesOf(script(run))
			if v.Opaque || e.opaque {
				continue
			}
			for _, name := range v.Used {
				if v.Set[name] || e.has(name) || reported[name] {
					continue
				}
				if why, fix := d.whyUnset(s, in, name, e, v.Tested[name]); why != "" {
					found(in.Line, why, fix)
					reported[name] = true
				}
			}
		}
	}
}}

// whyUnset is why a variable is empty in a RUN, and the fix; "" where the base image may set it.
func (d *Dockerfile) whyUnset(s *dockerfile.Stage, in dockerfile.Instruction, name string, e environment, tested bool) (why, fix string) {
	declare := fmt.Sprintf("write ARG %s in stage %s, above this line", name, s.Title())
	empty := "$" + name + " is empty: "
	if setByBuildKit.MatchString(name) {
		return empty + "no ARG asks for it in this stage", declare
	}
	if !e.known && (baseVariables.MatchString(name) || strings.Contains(e.base, name)) {
		return "", ""
	}
	if line, where := d.declaredElsewhere(s, name); line > 0 {
		return fmt.Sprintf("%sits ARG in line %d is %s", empty, line, where), declare
	}
	if line := d.setByOther(s, in, name); line > 0 {
		return fmt.Sprintf("%swhat the RUN in line %d sets ends with it", empty, line), "write ENV " + name + "=VALUE above this line, or set it in this RUN"
	}
	if near := e.near(name); near != "" && !tested {
		return empty + "nothing declares it; did you mean " + near + "?", "write $" + near + ", or ARG " + name + " above this line"
	}
	if e.known && !tested {
		return empty + "nothing declares it in stage " + s.Title(), declare + ", or correct the name"
	}
	return "", ""
}

// declaredElsewhere is the ARG of that name that a RUN does not see, and where that is; 0 for none.
func (d *Dockerfile) declaredElsewhere(s *dockerfile.Stage, name string) (line int, where string) {
	for _, a := range d.Args {
		if a.Key == name {
			return a.Line, "above the first FROM, and this stage does not take it over"
		}
	}
	for _, other := range append([]*dockerfile.Stage{s}, d.Stages...) {
		for _, o := range other.Instructions {
			if c, ok := o.Command.(*instructions.ArgCommand); ok && !o.OnBuild && slices.ContainsFunc(c.Args, func(a instructions.KeyValuePairOptional) bool { return a.Key == name }) {
				if other == s {
					return o.Line, "below"
				}
				return o.Line, "in another stage"
			}
		}
	}
	return 0, ""
}

// setByOther is the line of another RUN in the stage, or in those that it starts from, that sets a variable for itself; 0 for none.
func (d *Dockerfile) setByOther(s *dockerfile.Stage, in dockerfile.Instruction, name string) int {
	for _, stage := range s.Lineage() {
		for _, o := range stage.Instructions {
			if stage == s && o.Line >= in.Line {
				break
			}
			if run, ok := o.Command.(*instructions.RunCommand); ok && !d.isForeign(run) && shell.VariablesOf(script(run)).Assigned[name] {
				return o.Line
			}
		}
	}
	return 0
}

// near is the declared variable that a name is one letter away from, "" for none. Names that differ in a digit are a row of them.
func (e environment) near(name string) string {
	for _, other := range e.declared {
		if len(name) > 3 && levenshtein.Distance(name, other, nil) == 1 && withoutDigits(name) != withoutDigits(other) {
			return other
		}
	}
	return ""
}

func withoutDigits(name string) string { return strings.Trim(name, "0123456789") }
