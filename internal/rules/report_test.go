package rules

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func exampleReport() Report {
	return Report{
		Findings: []Finding{
			{Rule: "pinned", File: "a,b/Dockerfile", Line: 3, Message: "debian has no digest", Fix: "write one: 100%"},
			{Rule: "size", Image: "demo", Platform: "linux/amd64", facts: "services/demo/service.yaml", Message: "is too large", Fix: "leave out", Details: []string{"largest:", "  1 MB  a"}},
			{Rule: "lean", Image: "demo", Platform: "linux/arm64", Path: "/bin/sh", Message: "is a shell", Fix: "leave it out"},
		},
		Waived:   []Finding{{Rule: "lean"}},
		Notes:    []Finding{{Rule: "size", Image: "demo", Platform: "linux/amd64", Message: "far below", Fix: "7MB would do"}},
		Subjects: 2, Noun: "image",
	}
}

func TestReport(t *testing.T) {
	t.Parallel()
	const text = `a,b/Dockerfile:3: pinned: debian has no digest; write one: 100%
demo:linux/amd64: size: is too large; leave out
    largest:
      1 MB  a
demo:linux/arm64:/bin/sh: lean: is a shell; leave it out
demo:linux/amd64: note, size: far below; 7MB would do
3 findings in 2 images, 1 waived; why, and an example: stagecraft explain pinned
`
	const annotations = `::error file=a%2Cb/Dockerfile,line=3,title=stagecraft pinned::debian has no digest; write one: 100%25
::error file=services/demo/service.yaml,title=stagecraft size::demo:linux/amd64: is too large; leave out%0Alargest:%0A  1 MB  a
::error title=stagecraft lean::demo:linux/arm64:/bin/sh: is a shell; leave it out
`
	for _, tt := range []struct {
		style Style
		want  string
	}{
		{Style{}, text},
		{Style{GitHub: true}, text + annotations},
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
	if !strings.Contains(colored.String(), "\x1b[31mpinned\x1b[0m") {
		t.Errorf("no colour in %q", colored.String())
	}
}

func TestReportJSON(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	r := exampleReport()
	if err := r.Write(&out, Style{JSON: true, GitHub: true, Color: true}); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Findings, Waived, Notes []Finding
		Subjects                int
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatalf("%v in %s", err, out.String())
	}
	if len(got.Findings) != 3 || got.Findings[2].Path != "/bin/sh" || len(got.Waived) != 1 || len(got.Notes) != 1 || got.Subjects != 2 {
		t.Errorf("read back: %+v", got)
	}
	out.Reset()
	if err := (&Report{}).Write(&out, Style{JSON: true}); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), "null") {
		t.Errorf("an empty list is null: %s", out.String())
	}
}

func TestStyleFor(t *testing.T) {
	t.Setenv("GITHUB_ACTIONS", "true")
	if s := StyleFor(&bytes.Buffer{}); s.Color || !s.GitHub {
		t.Errorf("style for a buffer in a workflow is %+v", s)
	}
	t.Setenv("GITHUB_ACTIONS", "")
	if s := StyleFor(&bytes.Buffer{}); s.GitHub {
		t.Errorf("style elsewhere is %+v", s)
	}
}
