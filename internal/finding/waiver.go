package finding

import (
	"fmt"
	"path"
	"time"

	"example.com/stagecraft/internal/catalog"
)

// WaiverRule is the rule for waivers themselves, wherever they are written.
var WaiverRule = &Rule{
	Key:      "waiver",
	Severity: Error,
	Practice: "Every waiver names a rule, gives a reason, has not expired, and waives something.",
	Why:      "A waiver that is no longer needed hides the next fault in the same place. This rule cannot be waived.",
	Source:   "https://google.github.io/eng-practices/review/developer/handling-comments.html",
	Fix: "Remove the waiver, or fix what is wrong with it. In service.yaml: `allow: [{rule: loads, path: /app/x.node, " +
		"reason: only loaded on musl, until: 2027-06-01}]`, where * in `path` stands for any characters but a slash. In a Dockerfile that is not rendered: a " +
		"comment above the instruction or, for the whole file, at the top, with a blank line before the first instruction; commas separate rules. " +
		"A waiver without a path waives every finding of its rule that names no path: in a Dockerfile all of them, unless the rule says otherwise.",
	Bad:  "# stagecraft: allow=pinned\nFROM debian:trixie-slim\n",
	Good: "# stagecraft: allow=pinned our mirror has no digests\nFROM debian:trixie-slim\n",
}

// Waiver is a waiver, wherever it was written.
type Waiver struct {
	Rule, Path, Reason string
	until              time.Time
	File               string
	Line               int
	Covers             func(f Finding) bool // beyond rule and path
	used               bool
}

// Waivers are those for one subject or one service.
type Waivers []*Waiver

// WaiversOf makes the waivers of a service.yaml that are for rules whose keys are wanted.
func WaiversOf(s *catalog.Service, wanted func(key string) bool) Waivers {
	var all Waivers
	for _, e := range s.Allow {
		if e.Promise != "" || !wanted(e.Rule) { // integration/ tries promises
			continue
		}
		all = append(all, &Waiver{
			Rule: e.Rule, Path: e.Path, Reason: e.Reason, until: e.Until,
			File: s.Dir + "/service.yaml", Line: e.Line,
		})
	}
	return all
}

// Apply takes the waived findings out of the report.
func (all Waivers) Apply(r *Report, now time.Time) {
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

func (all Waivers) waive(f Finding, now time.Time) bool {
	waived := false
	for _, w := range all {
		if w.Rule != f.Rule || !w.matches(f) || w.Covers != nil && !w.Covers(f) {
			continue
		}
		w.used = true // an expired one too: one finding about it is enough
		waived = waived || w.Reason != "" && !w.expired(now)
	}
	return waived
}

// matches reports whether a waiver names what a finding is about. For a Dockerfile it does so in full.
func (w *Waiver) matches(f Finding) bool {
	if w.Path == f.Path || f.File != "" {
		return w.Path == f.Path
	}
	ok, err := path.Match(w.Path, f.Path)
	return ok && err == nil && f.Path != ""
}

func (w *Waiver) expired(now time.Time) bool {
	return !w.until.IsZero() && !now.Before(w.until.AddDate(0, 0, 1)) // until is the last day
}

// Faults are the findings about the waivers themselves, which are for rules. Unused ones are left out when not all was looked at.
func (all Waivers) Faults(rules Rules, now time.Time, complete bool) []Finding {
	var found []Finding
	add := func(w *Waiver, what, fix string) {
		found = append(found, Finding{Rule: WaiverRule.Key, File: w.File, Line: w.Line, Message: what, Fix: fix})
	}
	for _, w := range all {
		of := w.Rule
		if w.Path != "" {
			of += " at " + w.Path
		}
		r := rules.Find(w.Rule)
		switch {
		case r == nil:
			add(w, rules.Unknown(w.Rule), "correct or remove the waiver")
		case w.Rule == WaiverRule.Key:
			add(w, "faults of waivers cannot be waived", "remove the waiver")
		case w.Reason == "":
			add(w, "the waiver for "+of+" has no reason", "write the reason behind it")
		case w.expired(now):
			add(w, fmt.Sprintf("the waiver for %s expired on %s", of, w.until.Format(time.DateOnly)), "fix what it waives and remove it")
		case !w.used && complete:
			add(w, "the waiver for "+of+" waives nothing", w.narrower(r))
		}
	}
	return found
}

// narrower is what to do with a waiver that waives nothing.
func (w *Waiver) narrower(r *Rule) string {
	if r.About != "" && w.Path == "" {
		return "remove it, or name what it is about: " + r.About
	}
	return "remove it"
}
