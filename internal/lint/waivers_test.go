package lint

import (
	"strings"
	"testing"
	"time"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/finding"
)

const unpinned = "FROM debian:trixie-slim AS a\nUSER 1\n"

// waiverCases are waivers in a Dockerfile or a service.yaml, and what is said of them; "" when they are in order.
var waiverCases = []struct {
	name    string
	text    string
	allow   []catalog.Waiver
	want    string // the one finding of rule waiver, in part
	pinned  bool   // whether the finding of rule pinned is still there
	service *catalog.Service
}{
	{name: "none", text: unpinned, pinned: true},
	{name: "for the file", text: "# stagecraft: allow=pinned our mirror has none\n\n" + unpinned},
	{name: "for the instruction below", text: "ARG A=1\n# stagecraft: allow=pinned our mirror has none\n" + unpinned},
	{name: "for another instruction", text: "FROM debian:trixie-slim AS a\n# stagecraft: allow=pinned our mirror has none\nUSER 1\n", want: "waives nothing", pinned: true},
	{name: "for the file, under its directives", text: "# check=error=true\n# stagecraft: allow=pinned our mirror has none\n\n# A base.\nARG A=1\n" + unpinned},
	{name: "directly above another instruction", text: "# stagecraft: allow=pinned our mirror has none\nARG A=1\n" + unpinned, want: "waives nothing", pinned: true},
	{name: "with a name where none is asked for", text: "# stagecraft: allow=pinned:debian our mirror has none\n\n" + unpinned, want: "pinned at debian waives nothing", pinned: true},
	{name: "of several rules", text: "# stagecraft: allow=layers,pinned our mirror has none\n" + unpinned, want: "the waiver for layers waives nothing"},
	{name: "without a reason", text: "# stagecraft: allow=pinned\n" + unpinned, want: "has no reason", pinned: true},
	{name: "of no rule", text: "# stagecraft: allow=pined our mirror has none\n" + unpinned, want: "no rule pined; did you mean pinned?", pinned: true},
	{name: "unused", text: "# stagecraft: allow=layers many\n" + unpinned, want: "the waiver for layers waives nothing", pinned: true},
	{name: "not a waiver", text: "# stagecraft: pinned\n" + unpinned, want: "this comment is not a waiver", pinned: true},
	{name: "of waivers", text: "# stagecraft: allow=waiver I want to\n" + unpinned, want: "cannot be waived", pinned: true},
	{name: "service.yaml", text: unpinned, allow: []catalog.Waiver{{Rule: "pinned", Reason: "x"}}},
	{name: "service.yaml, last day", text: unpinned, allow: []catalog.Waiver{{Rule: "pinned", Reason: "x", Until: day("2026-11-24")}}},
	{name: "service.yaml, expired", text: unpinned, allow: []catalog.Waiver{{Rule: "pinned", Reason: "x", Until: day("2026-11-23")}}, want: "expired on 2026-11-23", pinned: true},
	{name: "service.yaml, unused", text: unpinned, allow: []catalog.Waiver{{Rule: "pinned", Reason: "x"}, {Rule: "layers", Reason: "x"}}, want: "layers waives nothing"},
	{name: "service.yaml, of another path", text: unpinned, allow: []catalog.Waiver{{Rule: "pinned", Path: "/x", Reason: "x"}}, want: "pinned at /x waives nothing", pinned: true},
	{name: "service.yaml, of no rule", text: unpinned, allow: []catalog.Waiver{{Rule: "pins", Reason: "x"}}, want: "no rule pins", pinned: true},
	{name: "in a rendered file", text: "# stagecraft: allow=pinned x\n" + unpinned, service: &catalog.Service{Dir: "services/demo", Dockerfile: catalog.Rendered}, want: "would apply to every service"},
	{name: "in an own file", text: "# stagecraft: allow=pinned x\n" + unpinned, service: &catalog.Service{Dir: "services/demo", Dockerfile: catalog.Own}},
}

func day(text string) time.Time {
	d, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return d
}

func anyRule(string) bool { return true }

func TestWaivers(t *testing.T) {
	t.Parallel()
	for _, tt := range waiverCases {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			allowed := finding.WaiversOf(&catalog.Service{Dir: "services/demo", Allow: tt.allow}, anyRule)
			d := &Dockerfile{Path: "Dockerfile", Now: today, Service: tt.service}
			report := lintDockerfile(d, []byte(tt.text), []*rule{pinned, layers}, allowed)
			report.Findings = append(report.Findings, allowed.Faults(Rules, today, true)...)
			var said []string
			left := false
			for _, f := range report.Findings {
				if f.Rule == finding.WaiverRule.Key {
					said = append(said, f.Message)
				}
				left = left || f.Rule == pinned.Key
			}
			if len(said) > 1 || (len(said) == 1) != (tt.want != "") || !strings.Contains(strings.Join(said, ""), tt.want) {
				t.Errorf("said %q, want %q", said, tt.want)
			}
			if left != tt.pinned || left == (len(report.Waived) == 1) {
				t.Errorf("finding left: %v, want %v; waived: %v", left, tt.pinned, report.Waived)
			}
		})
	}
}

// A secret is waived only by a waiver that names it.
func TestWaiversOfSecrets(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		comment string
		allow   []catalog.Waiver
		left    int    // findings of the two secrets
		said    string // of the waiver
	}{
		{left: 2},
		{comment: "# stagecraft: allow=secrets:DB_PASSWORD of a test", left: 1},
		{comment: "# stagecraft: allow=secrets of a test", left: 2, said: "remove it, or name what it is about: the variable"},
		{comment: "# stagecraft: allow=secrets:* of a test", left: 2, said: "remove it"},
		{allow: []catalog.Waiver{{Rule: "secrets", Reason: "x"}}, left: 2, said: "or name what it is about"},
		{allow: []catalog.Waiver{{Rule: "secrets", Path: "*", Reason: "x"}}, left: 2, said: "remove it"},
		{allow: []catalog.Waiver{{Rule: "secrets", Path: "API_KEY", Reason: "x"}}, left: 1},
	} {
		allowed := finding.WaiversOf(&catalog.Service{Dir: "services/demo", Allow: tt.allow}, anyRule)
		d := &Dockerfile{Path: "Dockerfile", Now: today}
		report := lintDockerfile(d, []byte("FROM scratch\n"+tt.comment+"\nENV DB_PASSWORD=hunter2 API_KEY=abc\n"), []*rule{secrets}, allowed)
		report.Findings = append(report.Findings, allowed.Faults(Rules, today, true)...)
		left, said := 0, ""
		for _, f := range report.Findings {
			if f.Rule == secrets.Key {
				left++
			} else {
				said += f.Fix
			}
		}
		if left != tt.left || (said == "") != (tt.said == "") || !strings.Contains(said, tt.said) {
			t.Errorf("%s %v: %d left, want %d; said %q, want %q", tt.comment, tt.allow, left, tt.left, said, tt.said)
		}
	}
}

// A comment directly above the first instruction is about that one alone.
func TestWaiverAboveTheFirstInstruction(t *testing.T) {
	t.Parallel()
	const comment, stages = "# stagecraft: allow=pinned our mirror has none\n", "FROM debian:trixie-slim AS a\nFROM debian:trixie AS b\n"
	for text, left := range map[string]int{stages: 2, comment + stages: 1, comment + "# A base.\r\n" + stages: 1, comment + "\r\n" + stages: 0, comment + "\n# A base.\n" + stages: 0} {
		d := &Dockerfile{Path: "Dockerfile", Now: today}
		if report := lintDockerfile(d, []byte(text), []*rule{pinned}, nil); len(report.Findings) != left {
			t.Errorf("%q: findings are %v, want %d", text, report.Findings, left)
		}
	}
}
