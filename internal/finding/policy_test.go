package finding

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The file is the nearest one above, inside the repository.
func TestFindPolicy(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	inner := filepath.Join(root, "repository", "a", "b")
	for _, dir := range []string{inner, filepath.Join(root, "repository", ".git")} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	write := func(dir, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, PolicyFile), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	find := func() Policy {
		t.Helper()
		p, err := FindPolicy(inner, exampleRules)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	write(root, "fail-on: none\n")
	if p := find(); p.FailOn != "" {
		t.Errorf("a file outside the repository counts: %+v", p)
	}
	write(filepath.Join(root, "repository"), "fail-on: error\n")
	if p := find(); p.FailOn != Error {
		t.Errorf("the repository's file does not count: %+v", p)
	}
	write(inner, "# nothing yet\n")
	if p := find(); p.FailOn != "" {
		t.Errorf("the nearest file does not count: %+v", p)
	}
}

func TestPolicyFileFaults(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"fail-on: warning\nonly: [pinned, UndefinedVar]\nskip: [cache]\nseverity: {layers: note}\n": "",
		"failon: error\n":            "its keys are fail-on, only, skip and severity",
		"fail-on: fatal\n":           "there is no severity fatal",
		"skip: [pined]\n":            "did you mean pinned?",
		"severity: {pinned: none}\n": "there is no severity none; choose one of error, warning, note",
		"severity: {pined: error}\n": "did you mean pinned?",
		"skip: pinned: x\n":          "read x.yaml: ",
	} {
		_, err := parsePolicy("x.yaml", []byte(text), exampleRules)
		if (err == nil) != (want == "") || err != nil && (!strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n")) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestPolicyApply(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		policy Policy
		want   string // rules of the findings, then of the notes
		ok     bool
	}{
		{Policy{}, "parse pinned UndefinedVar | loads", false},
		{Policy{Only: []string{"pinned"}}, "parse pinned | ", false},
		{Policy{Only: []string{"build-checks"}, Skip: []string{"parse"}}, "UndefinedVar | ", false},
		{Policy{Skip: []string{"build-checks", "loads"}}, "parse pinned | ", false},
		{Policy{Skip: []string{"UndefinedVar", "parse"}, FailOn: Error}, "pinned | loads", true},
		{Policy{FailOn: Error}, "parse pinned UndefinedVar | loads", false},
		{Policy{FailOn: None}, "parse pinned UndefinedVar | loads", true},
		{Policy{Severity: map[string]Severity{"build-checks": Note, "parse": Note, "pinned": Note, "loads": Error}}, " | parse pinned UndefinedVar loads", true},
	} {
		r := Report{Rules: exampleRules, Findings: []Finding{{Rule: "parse"}, {Rule: "pinned"}, {Rule: "UndefinedVar"}}, Notes: []Finding{{Rule: "loads"}}}
		for n := range r.Findings {
			r.Findings[n].Severity = exampleRules.Find(r.Findings[n].Rule).severity()
		}
		r.Notes[0].Severity = Note
		tt.policy.Apply(&r)
		keys := func(list []Finding) string {
			var all []string
			for _, f := range list {
				all = append(all, f.Rule)
			}
			return strings.Join(all, " ")
		}
		if got := keys(r.Findings) + " | " + keys(r.Notes); got != tt.want || r.OK() != tt.ok {
			t.Errorf("%+v: %s, %v, want %s, %v", tt.policy, got, r.OK(), tt.want, tt.ok)
		}
	}
}
