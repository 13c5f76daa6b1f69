package rules

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"example.com/stagecraft/internal/catalog"
)

var waiverRule = &Rule{
	Key:      "waiver",
	Severity: Error,
	Practice: "Every waiver names a rule, gives a reason, has not expired, and waives something.",
	Why: "A waiver outlives its cause unless something removes it, and then hides the next fault in the same place. This " +
		"rule cannot be waived.",
	Source: "https://google.github.io/eng-practices/review/developer/handling-comments.html",
	Fix: "Remove the waiver, or fix what is wrong with it. In service.yaml: `allow: [{rule: loads, path: /app/x.node, " +
		"reason: only loaded on musl, until: 2027-06-01}]`, where `path` may hold * for any characters but a slash. In a Dockerfile that is not rendered: a " +
		"comment above the instruction, or, for all of the file, at its top with a blank line between it and the first instruction; commas separate several rules. " +
		"A waiver without a path waives every finding of its rule that names none: in a Dockerfile all of them, but for rules that say otherwise.",
	Bad:             "# stagecraft: allow=pinned\nFROM debian:trixie-slim\n",
	Good:            "# stagecraft: allow=pinned our mirror has no digests\nFROM debian:trixie-slim\n",
	checkDockerfile: func(*Dockerfile, atLine) {}, // runs after all other rules: see waivers.apply
}

// waiver is a waiver, wherever it was written.
type waiver struct {
	rule, path, reason string
	until              time.Time
	file               string
	line               int
	covers             func(f Finding) bool // beyond rule and path
	used               bool
}

// waivers are those for one subject or one service.
type waivers []*waiver

// fromService makes the waivers of a service.yaml that concern the rules wanted.
func fromService(s *catalog.Service, wanted func(*Rule) bool) waivers {
	var all waivers
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
		all = append(all, &waiver{
			rule: e.Rule, path: e.Path, reason: e.Reason, until: e.Until,
			file: s.Dir + "/service.yaml", line: e.Line,
		})
	}
	return all
}

// apply takes the waived findings out of the report.
func (all waivers) apply(r *Report, now time.Time) {
	var left []Finding
	for _, f := range r.Findings {
		if all.waive(f, now) {
			r.Waived = append(r.Waived, f)
		} else {
			left = append(left, f)
		}
	}
	r.Findings = left
}

func (all waivers) waive(f Finding, now time.Time) bool {
	waived := false
	for _, w := range all {
		if w.rule != f.Rule || !w.matches(f) || w.covers != nil && !w.covers(f) {
			continue
		}
		w.used = true // an expired one too: one finding about it is enough
		waived = waived || w.reason != "" && !w.expired(now)
	}
	return waived
}

// matches reports whether a waiver names what a finding is about. For a Dockerfile it does so in full.
func (w *waiver) matches(f Finding) bool {
	if w.path == f.Path || f.File != "" {
		return w.path == f.Path
	}
	ok, err := path.Match(w.path, f.Path)
	return ok && err == nil && f.Path != ""
}

func (w *waiver) expired(now time.Time) bool {
	return !w.until.IsZero() && !now.Before(w.until.AddDate(0, 0, 1)) // until is the last day
}

// faults are the findings about the waivers themselves. Unused ones are left out when not all was looked at.
func (all waivers) faults(now time.Time, complete bool) []Finding {
	var found []Finding
	add := func(w *waiver, what, fix string) {
		found = append(found, Finding{Rule: waiverRule.Key, File: w.file, Line: w.line, Message: what, Fix: fix})
	}
	for _, w := range all {
		of := w.rule
		if w.path != "" {
			of += " at " + w.path
		}
		switch {
		case Find(w.rule) == nil:
			add(w, Unknown(w.rule), "correct or remove the waiver")
		case w.rule == waiverRule.Key:
			add(w, "faults of waivers cannot be waived", "remove the waiver")
		case w.reason == "":
			add(w, "the waiver for "+of+" has no reason", "write the reason behind it")
		case w.expired(now):
			add(w, fmt.Sprintf("the waiver for %s expired on %s", of, w.until.Format(time.DateOnly)), "fix what it waives and remove it")
		case !w.used && complete:
			add(w, "the waiver for "+of+" waives nothing", w.narrower())
		}
	}
	return found
}

// narrower is what to do with a waiver that waives nothing.
func (w *waiver) narrower() string {
	if r := Find(w.rule); r.About != "" && w.path == "" {
		return "remove it, or name what it is about: " + r.About
	}
	return "remove it"
}

// marker begins a waiver in a Dockerfile.
const marker = "stagecraft:"

// fromComments makes the waivers that are written in a Dockerfile.
func fromComments(d *Dockerfile) (waivers, []Finding) {
	var all waivers
	var found []Finding
	head := d.headEnds()
	for _, c := range d.Comments {
		text, isOurs := strings.CutPrefix(c.Text, marker)
		if !isOurs {
			continue
		}
		key, reason, _ := strings.Cut(strings.TrimSpace(text), " ")
		list, isAllow := strings.CutPrefix(key, "allow=")
		switch {
		case !isAllow:
			found = append(found, Finding{
				Rule: waiverRule.Key, File: d.Path, Line: c.Line, Message: "this comment is not a waiver",
				Fix: "write `# stagecraft: allow=RULE reason`, with RULE:NAME where a name is asked for, and commas between several",
			})
			continue
		case d.Service != nil && d.Service.Dockerfile == catalog.Rendered:
			found = append(found, Finding{
				Rule: waiverRule.Key, File: d.Path, Line: c.Line, Message: "a waiver in a rendered file would hold for every service",
				Fix: "write it under allow: in " + d.Service.Dir + "/service.yaml",
			})
		}
		for rule := range strings.SplitSeq(list, ",") {
			rule, name, _ := strings.Cut(rule, ":")
			w := &waiver{rule: rule, path: name, reason: strings.TrimSpace(reason), file: d.Path, line: c.Line}
			if c.Line > head {
				below := d.instructionBelow(c.Line)
				w.covers = func(f Finding) bool { return f.Line == below }
			}
			all = append(all, w)
		}
	}
	return all, slices.Clip(found)
}

// headEnds is the last blank line above the first instruction, 0 when there is none: a waiver above it is for the whole file.
func (d *Dockerfile) headEnds() int {
	lines := strings.Split(string(d.data), "\n")
	for n := min(d.firstLine()-1, len(lines)); n > 0; n-- {
		if strings.TrimSpace(lines[n-1]) == "" {
			return n
		}
	}
	return 0
}
