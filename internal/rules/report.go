package rules

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// Report is what a run of the rules found.
type Report struct {
	Findings []Finding // each one fails the run
	Waived   []Finding // waived
	Notes    []Finding // worth knowing; they fail nothing
	Subjects int       // Dockerfiles or images looked at
	Explain  string    // the command that explains a rule, without the rule; the program's own when empty
	Noun     string    // what one of them is: Dockerfile, image
}

// OK reports whether nothing is wrong.
func (r *Report) OK() bool { return len(r.Findings) == 0 }

// With is both reports in one.
func (r *Report) With(other Report) Report {
	all := Report{Noun: other.Noun}
	all.add(*r)
	all.add(other)
	return all
}

func (r *Report) add(other Report) {
	r.Findings = append(r.Findings, other.Findings...)
	r.Waived = append(r.Waived, other.Waived...)
	r.Notes = append(r.Notes, other.Notes...)
	r.Subjects += other.Subjects
}

// Style is how a report is written.
type Style struct {
	Color  bool // with ANSI colours
	GitHub bool // with a workflow annotation for each finding as well
	JSON   bool // as one JSON document, nothing else
}

// Write writes the report.
func (r *Report) Write(w io.Writer, style Style) error {
	if style.JSON {
		return r.writeJSON(w)
	}
	var b strings.Builder
	paint := painter(style.Color)
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "%s: %s: %s; %s\n", paint(bold, f.Place()), paint(red, f.Rule), f.Message, paint(green, f.Fix))
		for _, detail := range f.Details {
			fmt.Fprintf(&b, "    %s\n", detail)
		}
	}
	for _, f := range r.Notes {
		fmt.Fprintf(&b, "%s: %s: %s; %s\n", paint(bold, f.Place()), paint(cyan, "note, "+f.Rule), f.Message, f.Fix)
	}
	b.WriteString(r.summary() + "\n")
	if style.GitHub {
		for _, f := range r.Findings {
			b.WriteString(annotation(f))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (r *Report) summary() string {
	s := plural(len(r.Findings), "finding") + " in " + plural(r.Subjects, r.Noun)
	if n := len(r.Waived); n > 0 {
		s += fmt.Sprintf(", %d waived", n)
	}
	if !r.OK() {
		s += "; why, and an example: " + cmp.Or(r.Explain, "stagecraft explain") + " " + r.Findings[0].Rule
	}
	return s
}

func (r *Report) writeJSON(w io.Writer) error {
	all := func(list []Finding) []Finding { return append([]Finding{}, list...) } // never null
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(map[string]any{
		"findings": all(r.Findings), "waived": all(r.Waived), "notes": all(r.Notes), "subjects": r.Subjects,
	})
}

// ANSI colours.
const (
	bold  = "1"
	red   = "31"
	green = "32"
	cyan  = "36"
)

func painter(color bool) func(code, text string) string {
	return func(code, text string) string {
		if !color {
			return text
		}
		return "\x1b[" + code + "m" + text + "\x1b[0m"
	}
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
