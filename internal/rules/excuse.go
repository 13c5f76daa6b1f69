package rules

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"example.com/stagecraft/internal/catalog"
)

var excuse = &Rule{
	Key:      "excuse",
	Practice: "Every excuse names a rule, gives a reason, has not expired, and excuses something.",
	Why: "An excuse outlives its cause unless something removes it, and then hides the next fault in the same place. This " +
		"rule cannot be excused.",
	Source: "https://google.github.io/eng-practices/review/developer/handling-comments.html",
	Mend: "Remove the excuse, or mend what is wrong with it. In service.yaml: `allow: [{rule: loads, path: /app/x.node, " +
		"reason: only loaded on musl, until: 2027-06-01}]`, where `path` may hold * for any characters but a slash. In a Dockerfile that is not rendered: a " +
		"comment above the instruction, or, for all of the file, at its top with a blank line between it and the first instruction. " +
		"An excuse without a path lets every finding of its rule pass that names none: in a Dockerfile all of them, but for rules that say otherwise.",
	Bad:             "# stagecraft: allow=pinned\nFROM debian:trixie-slim\n",
	Good:            "# stagecraft: allow=pinned our mirror has no digests\nFROM debian:trixie-slim\n",
	checkDockerfile: func(*Dockerfile, atLine) {}, // runs after all other rules: see excuses.apply
}

// pardon is one excuse, wherever it was written.
type pardon struct {
	rule, path, reason string
	until              time.Time
	file               string
	line               int
	covers             func(f Finding) bool // beyond rule and path
	used               bool
}

// excuses are the pardons that hold for one subject or one service.
type excuses []*pardon

// fromService makes the excuses of a service.yaml that concern the rules wanted.
func fromService(s *catalog.Service, wanted func(*Rule) bool) excuses {
	var all excuses
	if s == nil {
		return nil
	}
	for _, e := range s.Allow {
		if e.Promise != "" {
			continue // integration/ tries promises
		}
		if r := Find(e.Rule); r != nil && !wanted(r) {
			continue
		}
		all = append(all, &pardon{
			rule: e.Rule, path: e.Path, reason: e.Reason, until: e.Until,
			file: s.Dir + "/service.yaml", line: e.Line,
		})
	}
	return all
}

// apply takes the excused findings out of the report.
func (all excuses) apply(r *Report, now time.Time) {
	var left []Finding
	for _, f := range r.Findings {
		if all.excuse(f, now) {
			r.Excused = append(r.Excused, f)
		} else {
			left = append(left, f)
		}
	}
	r.Findings = left
}

func (all excuses) excuse(f Finding, now time.Time) bool {
	excused := false
	for _, p := range all {
		if p.rule != f.Rule || !p.matches(f) || p.covers != nil && !p.covers(f) {
			continue
		}
		p.used = true // an expired one too: one finding about it is enough
		excused = excused || p.reason != "" && !p.expired(now)
	}
	return excused
}

// matches tells whether an excuse names what a finding is about. For a Dockerfile it does so in full.
func (p *pardon) matches(f Finding) bool {
	if p.path == f.Path || f.File != "" {
		return p.path == f.Path
	}
	ok, err := path.Match(p.path, f.Path)
	return ok && err == nil && f.Path != ""
}

func (p *pardon) expired(now time.Time) bool {
	return !p.until.IsZero() && !now.Before(p.until.AddDate(0, 0, 1)) // until is the last day
}

// faults are the findings about the excuses themselves. Unused ones are left out when not all was looked at.
func (all excuses) faults(now time.Time, complete bool) []Finding {
	var found []Finding
	add := func(p *pardon, what, mend string) {
		found = append(found, Finding{Rule: excuse.Key, File: p.file, Line: p.line, What: what, Mend: mend})
	}
	for _, p := range all {
		of := p.rule
		if p.path != "" {
			of += " at " + p.path
		}
		switch {
		case Find(p.rule) == nil:
			add(p, Unknown(p.rule), "correct or remove the excuse")
		case p.rule == excuse.Key:
			add(p, "faults of excuses cannot be excused", "remove the excuse")
		case p.reason == "":
			add(p, "the excuse for "+of+" has no reason", "write the reason behind it")
		case p.expired(now):
			add(p, fmt.Sprintf("the excuse for %s expired on %s", of, p.until.Format(time.DateOnly)), "mend what it excuses and remove it")
		case !p.used && complete:
			add(p, "the excuse for "+of+" excuses nothing", p.narrower())
		}
	}
	return found
}

// narrower is what to do with an excuse that excuses nothing.
func (p *pardon) narrower() string {
	if r := Find(p.rule); r.About != "" && p.path == "" {
		return "remove it, or name what it is about: " + r.About
	}
	return "remove it"
}

// marker begins an excuse in a Dockerfile.
const marker = "stagecraft:"

// fromComments makes the excuses that are written in a Dockerfile.
func fromComments(d *Dockerfile) (excuses, []Finding) {
	var all excuses
	var found []Finding
	head := d.headEnds()
	for _, c := range d.Comments {
		text, isOurs := strings.CutPrefix(c.Text, marker)
		if !isOurs {
			continue
		}
		key, reason, _ := strings.Cut(strings.TrimSpace(text), " ")
		rule, isAllow := strings.CutPrefix(key, "allow=")
		switch {
		case !isAllow:
			found = append(found, Finding{
				Rule: excuse.Key, File: d.Path, Line: c.Line, What: "this comment is no excuse",
				Mend: "write `# stagecraft: allow=RULE reason`, or allow=RULE:NAME",
			})
			continue
		case d.Service != nil && d.Service.Dockerfile == catalog.Rendered:
			found = append(found, Finding{
				Rule: excuse.Key, File: d.Path, Line: c.Line, What: "an excuse in a rendered file would hold for every service",
				Mend: "write it under allow: in " + d.Service.Dir + "/service.yaml",
			})
		}
		rule, name, _ := strings.Cut(rule, ":")
		p := &pardon{rule: rule, path: name, reason: strings.TrimSpace(reason), file: d.Path, line: c.Line}
		if c.Line > head {
			below := d.instructionBelow(c.Line)
			p.covers = func(f Finding) bool { return f.Line == below }
		}
		all = append(all, p)
	}
	return all, slices.Clip(found)
}

// headEnds is the last blank line above the first instruction, 0 when there is none: an excuse above it is for the whole file.
func (d *Dockerfile) headEnds() int {
	lines := strings.Split(string(d.data), "\n")
	for n := min(d.firstLine()-1, len(lines)); n > 0; n-- {
		if strings.TrimSpace(lines[n-1]) == "" {
			return n
		}
	}
	return 0
}
