package finding

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// Here is how a rule is explained in the repository that has this package.
const Here = "go run ./cmd/stagecraft explain"

// Report is what a run of the rules found.
type Report struct {
	Findings []Finding // errors and warnings
	Waived   []Finding // waived
	Notes    []Finding // worth knowing; they fail nothing
	Rules    Rules     // those of the findings
	Subjects int       // Dockerfiles or images looked at
	Explain  string    // the command that explains a rule, without the rule; the program's own when empty
	Noun     string    // what one of them is: Dockerfile, image
	failOn   Severity  // of the policy
}

// OK reports whether no finding fails the run.
func (r *Report) OK() bool {
	switch r.failOn {
	case None:
		return true
	case Error:
		return !slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Severity == Error })
	default:
		return len(r.Findings) == 0
	}
}

// Finish sorts the findings and gives each its severity.
func (r *Report) Finish() {
	sortFindings(r.Findings)
	for _, list := range [][]Finding{r.Findings, r.Waived} {
		for n := range list {
			list[n].Severity = r.Rules.Find(list[n].Rule).severity()
		}
	}
	for n := range r.Notes {
		r.Notes[n].Severity = Note
	}
}

// With is both reports in one.
func (r *Report) With(other Report) Report {
	all := Report{Noun: other.Noun, Rules: other.Rules}
	all.Add(*r)
	all.Add(other)
	return all
}

// Add adds the findings of another report by the same rules.
func (r *Report) Add(other Report) {
	r.Findings = append(r.Findings, other.Findings...)
	r.Waived = append(r.Waived, other.Waived...)
	r.Notes = append(r.Notes, other.Notes...)
	r.Subjects += other.Subjects
}

// Write writes the report.
func (r *Report) Write(w io.Writer, style Style) error {
	switch style.Format {
	case JSON:
		return r.writeJSON(w)
	case SARIF:
		return r.writeSARIF(w)
	}
	var b strings.Builder
	paint := painter(style.Color)
	for _, f := range r.Findings {
		color := map[Severity]string{Error: red, Warning: yellow}[f.Severity]
		fmt.Fprintf(&b, "%s: %s: %s: %s; %s\n", paint(bold, f.Place()), paint(color, string(f.Severity)), f.Rule, f.Message, paint(green, f.Fix))
		for _, detail := range f.Details {
			fmt.Fprintf(&b, "    %s\n", detail)
		}
	}
	for _, f := range r.Notes {
		fmt.Fprintf(&b, "%s: %s: %s: %s; %s\n", paint(bold, f.Place()), paint(cyan, string(f.Severity)), f.Rule, f.Message, f.Fix)
	}
	b.WriteString(r.byRule() + r.summary() + "\n")
	if style.Format == GitHub {
		for _, f := range r.Findings {
			b.WriteString(annotation(f))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// count is how many findings each rule has.
func (r *Report) count() map[string]int {
	all := map[string]int{}
	for _, f := range r.Findings {
		all[f.Rule]++
	}
	return all
}

// byRule is a line of rules and their findings, most first; "" where the findings are of one rule.
func (r *Report) byRule() string {
	count := r.count()
	if len(count) < 2 {
		return ""
	}
	rules := slices.SortedFunc(maps.Keys(count), func(a, b string) int {
		return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a, b))
	})
	for n, rule := range rules {
		rules[n] = fmt.Sprintf("%s %d", rule, count[rule])
	}
	return strings.Join(rules, ", ") + "\n"
}

func (r *Report) summary() string {
	s := Plural(len(r.Findings), "finding") + " in " + Plural(r.Subjects, r.Noun)
	if n := len(r.Waived); n > 0 {
		s += fmt.Sprintf(", %d waived", n)
	}
	if len(r.Findings) > 0 {
		s += "; why, and an example: " + cmp.Or(r.Explain, "stagecraft explain") + " " + r.Findings[0].Rule
	}
	return s
}

func (r *Report) writeJSON(w io.Writer) error {
	all := func(list []Finding) []Finding { return append([]Finding{}, list...) } // never null
	return encode(w, map[string]any{
		"findings": all(r.Findings), "waived": all(r.Waived), "notes": all(r.Notes), "subjects": r.Subjects, "rules": r.count(),
	})
}

func encode(w io.Writer, document any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(document)
}

// ANSI colours.
const (
	bold   = "1"
	red    = "31"
	green  = "32"
	yellow = "33"
	cyan   = "36"
)

func painter(color bool) func(code, text string) string {
	return func(code, text string) string {
		if !color {
			return text
		}
		return "\x1b[" + code + "m" + text + "\x1b[0m"
	}
}

// Plural is a number of things: 1 finding, 2 findings.
func Plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
