package lint

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

// The files of testdata/cases are small copies of what public Dockerfiles hold and the rules once judged wrongly. Findings of
// basics, which most of them have too, are left out.
var fileCases = map[string]string{ // LINE RULE, in the order of the report
	"buildkit-checks-missed":              "3 undeclared, 4 UndefinedVar, 5 LegacyKeyValueFormat, 6 WorkdirRelativePath, 7 FromAsCasing, 7 StageNameCasing, 8 MultipleInstructionsDisallowed, 10 MultipleInstructionsDisallowed, 12 parse, 13 add, 17 apt-leftovers, 17 cache",
	"cache-gem-local":                     "",
	"cache-fix-docker-clean-missed":       "2 apt-leftovers, 2 cache",
	"cache-fix-no-cache-flags-missed":     "2 cache, 4 cache, 5 cache",
	"download-unverified-missed":          "2 downloads, 2 downloads, 3 downloads, 3 pipefail",
	"execform-healthcheck-fix":            "3 exec-form",
	"final-inherits-buildplatform-missed": "4 final-platform",
	"heredoc-shell-missed":                "2 apt-leftovers, 2 apt-leftovers, 2 cache, 2 locked, 2 pipefail",
	"multiple-cmd-missed":                 "4 MultipleInstructionsDisallowed, 6 WorkdirRelativePath, 7 LegacyKeyValueFormat",
	"native-unused-targetplatform":        "",
	"pinned-named-context":                "2 pinned",
	"pipefail-missed":                     "2 downloads, 2 pipefail, 3 undeclared",
	"recommends-and-lists-missed":         "2 apt-leftovers, 2 apt-leftovers, 2 cache",
	"secrets-env-camel-missed":            "2 secrets, 3 secrets, 4 secrets",
	"secrets-public-key":                  "2 add",
}

// basics are the rules that nearly every small example breaks.
var basics = map[string]bool{"user": true, "tools": true, "copy-only": true}

func TestFileCases(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/cases/*.Dockerfile")
	if err != nil || len(files) != len(fileCases) {
		t.Fatalf("there are %d files, want %d, %v", len(files), len(fileCases), err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		report := lintDockerfile(&Dockerfile{Path: name, Now: today}, data, checks, nil)
		report.Finish()
		var got []string
		for _, f := range report.Findings {
			if !basics[f.Rule] && !strings.Contains(f.Message, "has no digest") {
				got = append(got, fmt.Sprintf("%d %s", f.Line, f.Rule))
			}
		}
		key := strings.TrimSuffix(filepath.Base(name), ".Dockerfile")
		if want := fileCases[key]; strings.Join(got, ", ") != want {
			t.Errorf("%s: %s, want %s", key, strings.Join(got, ", "), want)
		}
	}
}

// A fix is an edit that makes the finding go away.
func TestFixes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rule       *rule
		text, want string
	}{
		{execForm, "FROM a\nHEALTHCHECK CMD node x\nCMD [\"x\"]\n", `HEALTHCHECK CMD ["PROGRAM", "ARGUMENT"]`},
		{execForm, "FROM a\nCMD node x\n", `CMD ["PROGRAM", "ARGUMENT"]`},
		{cache, "FROM debian\nRUN apt-get install -y g++\n", "docker-clean"},
		{cache, "FROM debian\nRUN --mount=type=cache,target=/var/cache/apt apt-get install -y g++\n", "target=/var/lib/apt,sharing=locked"},
		{cache, "FROM alpine\nRUN --mount=type=cache,target=/var/cache/apk apk add --no-cache g++\n", "remove the flag --no-cache"},
		{pipefail, "FROM alpine\nRUN curl https://example.com/x | tar x\n", "set -o pipefail"},
		{pipefail, "FROM debian\nRUN curl https://example.com/x | tar x\n", `SHELL ["/bin/bash", "-o", "pipefail", "-c"]`},
	} {
		report := lintDockerfile(&Dockerfile{Path: "Dockerfile", Now: today}, []byte(c.text), []*rule{c.rule}, nil)
		if len(report.Findings) != 1 || !strings.Contains(report.Findings[0].Fix, c.want) {
			t.Errorf("%q: %v, want the fix %s", c.text, report.Findings, c.want)
		}
	}
}

func TestNamedContexts(t *testing.T) {
	t.Parallel()
	const text = "FROM scratch\nCOPY --from=templates /a /a\n"
	for name, tt := range map[string]struct {
		file, content string
		want          int
	}{
		"Compose map":     {"compose.yaml", "services: {a: {build: {context: ., additional_contexts: {templates: ../t}}}}", 0},
		"Compose list":    {"docker-compose.yml", "services: {a: {build: {additional_contexts: [templates=../t]}}}", 0},
		"Compose short":   {"compose.yaml", "services: {a: {build: ./templates}}", 1},
		"Compose of else": {"compose.yaml", "services: {templates: {build: {additional_contexts: {other: ../templates}}}}", 1},
		"bake HCL":        {"docker-bake.hcl", "target \"a\" {\n  contexts = {\n    templates = \"../t\"\n  }\n}\n", 0},
		"bake HCL, else":  {"docker-bake.hcl", "target \"templates\" {\n  contexts = {\n    other = \"templates\"\n  }\n}\n", 1},
		"bake JSON":       {"docker-bake.json", `{"target": {"a": {"contexts": {"templates": "../t"}}}}`, 0},
		"not readable":    {"docker-bake.json", `{`, 1},
	} {
		d := &Dockerfile{Path: "Dockerfile", Now: today, Folder: fstest.MapFS{tt.file: {Data: []byte(tt.content)}}}
		if r := lintDockerfile(d, []byte(text), []*rule{pinned}, nil); len(r.Findings) != tt.want {
			t.Errorf("%s: %v, want %d findings", name, r.Findings, tt.want)
		}
	}
}
