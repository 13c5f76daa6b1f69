package finding

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// exampleRules are the rules of the tests.
var exampleRules = describe(Rules{
	{Key: "parse", Severity: Error, Always: true},
	{Key: "build-checks", Names: []string{"UndefinedVar"}},
	{Key: "pinned"},
	{Key: "layers"},
	{Key: "cache"},
	{Key: "size"},
	{Key: "lean"},
	{Key: "arch", Severity: Error},
	{Key: "loads", Severity: Error},
})

// describe gives rules the texts that all of them have.
func describe(all Rules) Rules {
	for _, r := range all {
		r.Practice, r.Why, r.Fix, r.Source = "It is so.", "It matters.", "Write it so.", "https://example.com/"+r.Key
	}
	return all
}

func exampleReport() Report {
	return Report{
		Findings: []Finding{
			{Rule: "pinned", Severity: Warning, File: "a,b/Dockerfile", Line: 3, Message: "debian has no digest", Fix: "write one: 100%"},
			{Rule: "size", Severity: Warning, Image: "demo", Platform: "linux/amd64", ServiceFile: "services/demo/service.yaml", Message: "is too large", Fix: "leave out", Details: []string{"largest:", "  1 MB  a"}},
			{Rule: "arch", Severity: Error, Image: "demo", Platform: "linux/arm64", Path: "/bin/sh", Message: "is a shell", Fix: "leave it out"},
		},
		Waived:   []Finding{{Rule: "lean", Severity: Warning, Image: "demo", Platform: "linux/amd64", Path: "/a b"}},
		Notes:    []Finding{{Rule: "size", Severity: Note, Image: "demo", Platform: "linux/amd64", Message: "far below", Fix: "7MB would do"}},
		Subjects: 2, Noun: "image", Rules: exampleRules,
	}
}

func TestReport(t *testing.T) {
	t.Parallel()
	const text = `a,b/Dockerfile:3: warning: pinned: debian has no digest; write one: 100%
demo:linux/amd64: warning: size: is too large; leave out
    largest:
      1 MB  a
demo:linux/arm64:/bin/sh: error: arch: is a shell; leave it out
demo:linux/amd64: note: size: far below; 7MB would do
arch 1, pinned 1, size 1
3 findings in 2 images, 1 waived; why, and an example: stagecraft explain pinned
`
	const annotations = `::warning file=a%2Cb/Dockerfile,line=3,title=stagecraft pinned::debian has no digest; write one: 100%25
::warning file=services/demo/service.yaml,title=stagecraft size::demo:linux/amd64: is too large; leave out%0Alargest:%0A  1 MB  a
::error title=stagecraft arch::demo:linux/arm64:/bin/sh: is a shell; leave it out
`
	for _, tt := range []struct {
		style Style
		want  string
	}{
		{Style{}, text},
		{Style{Format: GitHub}, text + annotations},
	} {
		var out bytes.Buffer
		r := exampleReport()
		if err := r.Write(&out, tt.style); err != nil {
			t.Fatal(err)
		}
		if out.String() != tt.want {
			t.Errorf("%+v writes\n%s\nwant\n%s", tt.style, out.String(), tt.want)
		}
	}
	var colored bytes.Buffer
	r := exampleReport()
	if err := r.Write(&colored, Style{Color: true}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(colored.String(), "\x1b[33mwarning\x1b[0m") {
		t.Errorf("no colour in %q", colored.String())
	}
}

func TestReportJSON(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	r := exampleReport()
	if err := r.Write(&out, Style{Format: JSON, Color: true}); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Findings, Waived, Notes []Finding
		Subjects                int
		Rules                   map[string]int
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatalf("%v in %s", err, out.String())
	}
	if !strings.Contains(out.String(), `"message": "is a shell"`) || !strings.Contains(out.String(), `"fix": "leave it out"`) || !strings.Contains(out.String(), `"severity": "error"`) {
		t.Errorf("keys are missing: %s", out.String())
	}
	if len(got.Findings) != 3 || got.Rules["size"] != 1 || got.Findings[2].Path != "/bin/sh" || len(got.Waived) != 1 || len(got.Notes) != 1 || got.Subjects != 2 {
		t.Errorf("read back: %+v", got)
	}
	out.Reset()
	if err := (&Report{}).Write(&out, Style{Format: JSON}); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), "null") {
		t.Errorf("an empty list is null: %s", out.String())
	}
}

func TestStyleFor(t *testing.T) {
	for _, tt := range []struct {
		workflow string
		format   Format
		want     Format
	}{{"true", "", GitHub}, {"true", Text, Text}, {"", "", Text}, {"", GitHub, GitHub}, {"", SARIF, SARIF}} {
		t.Setenv("GITHUB_ACTIONS", tt.workflow)
		if s, err := StyleFor(&bytes.Buffer{}, tt.format); err != nil || s.Color || s.Format != tt.want {
			t.Errorf("%+v: %+v, %v", tt, s, err)
		}
	}
	if _, err := StyleFor(&bytes.Buffer{}, "xml"); err == nil || err.Error() != "there is no format xml; choose one of text json sarif github" {
		t.Errorf("a format that does not exist: %v", err)
	}
}
