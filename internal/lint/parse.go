package lint

import (
	"errors"
	"fmt"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/parser"

	"example.com/stagecraft/internal/dockerfile"
	"example.com/stagecraft/internal/finding"
)

var parse = &rule{Rule: finding.Rule{
	Key:      "parse",
	Severity: finding.Error,
	Always:   true,
	Practice: "BuildKit understands every instruction.",
	Why: "A build stops at the first thing it does not understand, after minutes of work if that stands in a late stage; and no " +
		"other rule can see what the parser cannot.",
	Source: "https://docs.docker.com/reference/dockerfile/",
	Fix:    "Correct the instruction. A file for another frontend names it in its first line, `# syntax=...`, and this rule skips it.",
	Bad:    "FROM scratch\nCPY a /a\n",
	Good:   "FROM scratch\nCOPY a /a\n",
}, check: func(d *Dockerfile, found atLine) {
	if d.otherFrontend() {
		return
	}
	for n, p := range d.Problems {
		if n == maxProblems {
			found(p.Line, fmt.Sprintf("BuildKit does not understand %d more lines", len(d.Problems)-n), "is this a Dockerfile? A template is linted where it is rendered")
			return
		}
		found(p.Line, "BuildKit does not understand it: "+p.Message, "correct it as in https://docs.docker.com/reference/dockerfile/")
	}
	for s, in := range d.Instructions() {
		for _, ref := range in.Sources() {
			switch later := d.below(ref, s); {
			case later == s:
				found(in.Line, "a build stops here: stage "+ref+" is this one", "name a stage above, or an image")
			case later != nil:
				found(in.Line, fmt.Sprintf("a build stops here: stage %s is below, in line %d", ref, later.Line), "move that stage above this one")
			}
		}
	}
}}

// below is the stage that a reference means if it stands in a stage that is not below it; nil for what is above, or an image.
func (d *Dockerfile) below(ref string, s *dockerfile.Stage) *dockerfile.Stage {
	if d.Stage(ref, s.Index) != nil {
		return nil
	}
	return d.Stage(ref, len(d.Stages))
}

// maxProblems is how many lines of one file are reported one by one.
const maxProblems = 3

// otherFrontend reports whether the file asks for a frontend that may have instructions of its own.
func (d *Dockerfile) otherFrontend() bool {
	syntax, _, _, ok := parser.DetectSyntax(d.data)
	return ok && !strings.Contains(syntax, "docker/dockerfile") && !strings.Contains(syntax, "docker/dockerfile-upstream")
}

// unreadable is the finding about a file of which nothing can be read.
func unreadable(d *Dockerfile, err error) finding.Finding {
	f := finding.Finding{Rule: parse.Key, File: d.Path, Message: "BuildKit cannot read it: " + err.Error(), Fix: "correct it, or do not name it Dockerfile"}
	var syntax *dockerfile.SyntaxError
	if errors.As(err, &syntax) {
		f.Line, f.Message = syntax.Line, "BuildKit cannot read it: "+syntax.Message
	}
	return f
}
