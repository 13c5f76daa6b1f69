package lint

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"example.com/stagecraft/internal/finding"
)

// byHand are the rules whose fix is a decision or a restructuring, and what a machine cannot know.
var byHand = map[string]string{
	"copy-only":        "which files the work makes",
	"dev-dependencies": "where the build ends",
	"dev-server":       "which server the program runs under",
	"downloads":        "the digest, and which file the command reads",
	"last-stage":       "which stage ships",
	"layers":           "which files belong together",
	"libc":             "which C library the other dependencies need",
	"native":           "how the program is cross-compiled",
	"parse":            "what was meant",
	"supported":        "the version that the program runs on",
	"tools":            "which of the base's files are needed at run time",
	"waiver":           "the reason",

	"InvalidDefaultArgInFrom": "which image was meant",
}

// decisions are fixes of that kind by rules whose other fixes a machine can apply.
var decisions = []decision{
	{"secrets", "use RUN --mount=type=secret in the command", "which command needs the file"},
	{"secrets", "take it from a secret mount", "the secret's name"},
	{"secrets", "use it where it is mounted", "what reads the copy"},
	{"locked", "name ", "the version"},
	{"locked", "add -v VERSION", "the version"},
	{"locked", "write ADD --checksum", "the digest"},
	{"locked", "download a version", "the version and its digest"},
	{"locked", "put it into package.json", "the version"},
	{"locked", "use a list with hashes", "the list"},
	{"locked", "commit go.mod", "what stands in it"},
	{"locked", "use composer install", "the lockfile"},
}

type decision struct{ rule, fix, unknown string }

const someDigest = "@sha256:0000000000000000000000000000000000000000000000000000000000000000"

// fixes are the forms of what rules suggest, and how each is applied to the letter. Where a fix names two ways, the first one is taken.
var fixes = []fixForm{
	{form(`^(?:for an image )?write (\S+)@sha256:\.\.\.`), func(e *editor, m []string, _ finding.Finding) {
		e.change(func(s string) string {
			if !strings.Contains(s, m[1]) { // a variable holds it
				return strings.Replace(s, e.stage().Written, m[1]+someDigest, 1)
			}
			return strings.Replace(s, m[1], m[1]+someDigest, 1)
		})
	}},
	{form(`^write (?:USER 65532:65532|USER with the numbers|its numbers)`), func(e *editor, _ []string, _ finding.Finding) {
		if strings.HasPrefix(strings.ToUpper(strings.Split(e.text, "\n")[e.line-1]), "USER") {
			e.replace(`.+`, "USER 65532:65532")
			return
		}
		e.add("USER 65532:65532")
	}},
	{form(`^write RUN ((?:--mount=\S+ )+)(rm -f \S+) && apt-get update && apt-get install \.\.\.$`), func(e *editor, m []string, _ finding.Finding) {
		e.replace(`--mount=type=cache,\S*target=/var/(cache|lib)/apt\S*\s+(\\\n\s*)?`, "")
		e.prefix(strings.TrimSpace(m[1]), m[2]+" && apt-get update")
	}},
	{form(`^write RUN (--mount=\S+?)(,uid=UID)?(?:,? with .*)?$`), func(e *editor, m []string, _ finding.Finding) {
		e.prefix(m[1]+strings.Replace(m[2], "UID", "1000", 1), "")
	}},
	{form(`^remove the flag (\S+)$`), func(e *editor, m []string, _ finding.Finding) { e.replace(`\s`+m[1]+`\b`, "") }},
	{form("^remove `([^`]+)`: a cache mount"), func(e *editor, m []string, _ finding.Finding) {
		e.replace(`(\\\n\s*)?(&&|;)\s*(\\\n\s*)?`+strings.ReplaceAll(regexp.QuoteMeta(m[1]), " ", `\s+`), "")
	}},
	{form(`^add --no-install-recommends$`), func(e *editor, _ []string, _ finding.Finding) {
		e.replace(`(\bapt(?:-get)?\b[^&|;]*?\binstall\b)`, "$1 --no-install-recommends")
	}},
	{form("^end the RUN with `&& (.*?)`"), func(e *editor, m []string, _ finding.Finding) {
		e.change(func(s string) string {
			if lines := strings.Split(s, "\n"); strings.Contains(lines[0], "<<") {
				return strings.Join(slices.Insert(lines, len(lines)-1, m[1]), "\n")
			}
			return s + " && " + m[1]
		})
	}},
	{form(`^write it as a list: (.*)$`), func(e *editor, m []string, _ finding.Finding) { e.change(func(string) string { return m[1] }) }},
	{form("^name the program itself"), func(e *editor, _ []string, _ finding.Finding) { e.replace(`(?s)\[.*\]`, `["PROGRAM"]`) }},
	{form(`^write (SHELL \[.*\]) above it`), func(e *editor, m []string, _ finding.Finding) { e.insertAbove(m[1]) }},
	{form("^begin the RUN with `(set -o pipefail) &&`"), func(e *editor, m []string, _ finding.Finding) { e.prefix("", m[1]) }},
	{form(`^remove --platform`), func(e *editor, _ []string, _ finding.Finding) { e.replace(`\s--platform=\S+`, "") }},
	{form(`or remove --platform=\S+ in line (\d+)$`), func(e *editor, m []string, _ finding.Finding) {
		fmt.Sscan(m[1], &e.line)
		e.replace(`\s--platform=\S+`, "")
	}},
	{form(`^write COPY in place of ADD$`), func(e *editor, _ []string, _ finding.Finding) { e.replace(`\bADD\b`, "COPY") }},
	{form(`^write LABEL `), func(e *editor, _ []string, _ finding.Finding) {
		e.replace(`(?s).+`, "LABEL org.opencontainers.image.authors=team")
	}},
	{form(`^name it and write from=NAME$`), func(e *editor, _ []string, f finding.Finding) {
		number := regexp.MustCompile(`stage (\d+)`).FindStringSubmatch(f.Message)[1]
		e.replace(`from=`+number+`\b`, "from=named")
		from := e.file.Stage(number, len(e.file.Stages))
		if from.Name != "" {
			e.text = strings.Replace(e.text, "from=named", "from="+from.Name, 1)
			return
		}
		e.line = from.Line
		e.change(func(s string) string { return s + " AS named" })
	}},
	{form(`^move it above that line$`), func(e *editor, _ []string, f finding.Finding) {
		var instruction string
		e.change(func(s string) string { instruction = s; return "#" })
		fmt.Sscan(regexp.MustCompile(`\(line (\d+)\)`).FindStringSubmatch(f.Message)[1], &e.line)
		e.insertAbove(instruction)
	}},
	{form(`^retype it in ASCII$`), func(e *editor, _ []string, _ finding.Finding) { e.replace(`[^\x00-\x7f]`, "-") }},
	{form(`^remove them$`), func(e *editor, _ []string, _ finding.Finding) { e.replace(`\s-a\b|\s-installsuffix[= ]\S+`, "") }},
	{form(`^write ((?:ARG|ENV) \w+(?:=\w+)?)(?: in stage \S+)? ?,? ?above this line`), func(e *editor, m []string, _ finding.Finding) { e.insertAbove(m[1]) }},
	{form(`^write (\$\w+), or ARG`), func(e *editor, m []string, f finding.Finding) {
		name := regexp.MustCompile(`^\$(\w+)`).FindStringSubmatch(f.Message)[1]
		e.replace(`\$(\{`+name+`\}|`+name+`\b)`, "$"+m[1])
	}},
	{form(`^write ARG (\w+)$`), func(e *editor, m []string, _ finding.Finding) { e.replace(`\b`+m[1]+`=\S+`, m[1]) }},
	{form(`^declare it with ARG or ENV above this line`), func(e *editor, _ []string, f finding.Finding) {
		e.insertAbove("ARG " + regexp.MustCompile(`'\$(\w+)'`).FindStringSubmatch(f.Message)[1])
	}},
	{form(`^remove all but the last$`), func(e *editor, _ []string, _ finding.Finding) { e.remove() }},
	{form(`^write an absolute path: WORKDIR /PATH$`), func(e *editor, _ []string, _ finding.Finding) { e.replace(`(?i)(WORKDIR\s+)`, "$1/") }},
	{form(`^write KEY="VALUE"$`), func(e *editor, _ []string, _ finding.Finding) {
		e.replace(`(?is)^((?:ENV|LABEL)\s+\S+)(?:\s|\\\n)+"?(.*?)"?$`, `$1="$2"`)
	}},
	{form(`^write FROM and AS in the same case$`), func(e *editor, _ []string, _ finding.Finding) { e.replace(`\sas\s`, " AS ") }},
	{form(`^write the stage's name in lower case$`), func(e *editor, _ []string, _ finding.Finding) { e.change(lowerName) }},
	{form(`^use npm ci$`), func(e *editor, _ []string, _ finding.Finding) {
		e.replace(`(\bnpm\b[^&|;]*?)\b(?:install|i)\b`, "${1}ci")
	}},
	{form(`^add (--[a-z-]+)(?:[,;]|$)`), func(e *editor, m []string, _ finding.Finding) {
		e.replace(`(\b(?:cargo|pnpm|bun|uv|pip3?)\b[^&|;]*?\b(?:build|install|add|sync|i)|\bmix deps\.get|\byarn(?:[^&|;]*?\b(?:install|add))?)\b`, "$1 "+m[1])
	}},
	{form(`^use RUN (--mount=type=secret,id=\S+,env=(\S+))$`), func(e *editor, m []string, _ finding.Finding) {
		e.remove()
		for _, in := range e.stage().Instructions { // lines keep their numbers
			if run, ok := in.Command.(*instructions.RunCommand); ok && strings.Contains(script(run), "$"+m[2]) {
				e.line = in.Line
				e.prefix(m[1], "")
			}
		}
	}},
	{form(`^replace the assignment by (--mount=type=secret,id=\S+,env=(\S+))$`), func(e *editor, m []string, _ finding.Finding) {
		e.replace(`(?:export\s+)?\b`+m[2]+`=\S+\s*(?:&&)?`, "")
		e.prefix(m[1], "")
	}},
}

type fixForm struct {
	form  *regexp.Regexp
	apply func(e *editor, m []string, f finding.Finding)
}

func form(pattern string) *regexp.Regexp { return regexp.MustCompile(pattern) }

func lowerName(from string) string {
	i := strings.LastIndexByte(from, ' ')
	return from[:i] + strings.ToLower(from[i:])
}

// applyFix applies a fix, part by part, and reports whether it is one that can be.
func applyFix(e *editor, fix string, f finding.Finding) bool {
	for part := range strings.SplitSeq(fix, ", and ") {
		i := slices.IndexFunc(fixes, func(k fixForm) bool { return k.form.MatchString(part) })
		if i < 0 {
			return false
		}
		fixes[i].apply(e, fixes[i].form.FindStringSubmatch(part), f)
	}
	return true
}

// Each fix is applied to the letter to the file that it is suggested for: its rule finds less, and none finds more.
func TestFixesWork(t *testing.T) {
	t.Parallel()
	texts := map[string]string{}
	for _, r := range checks {
		if r.Needs == finding.NothingElse {
			texts["example of "+r.Key] = r.Bad
		}
	}
	files, err := filepath.Glob("testdata/*/*.Dockerfile")
	if err != nil || len(files) == 0 {
		t.Fatal("no test data", err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		texts[name] = string(data)
	}
	for name, text := range texts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before := lintText(text)
			if slices.ContainsFunc(before, func(f finding.Finding) bool { return f.Rule == parse.Key }) {
				t.Skip("what BuildKit does not understand is corrected first")
			}
			for _, f := range before {
				if fault := fixFault(t, text, before, f); fault != "" {
					t.Errorf("%s\n%s", f, fault)
				}
			}
		})
	}
}

// A fix that no pattern knows, one that does nothing and one that breaks another rule are noticed.
func TestFixFaults(t *testing.T) {
	t.Parallel()
	const text = "FROM debian:trixie-slim AS runtime\nRUN curl https://example.com/x | tar x && rm /etc/x\nUSER 1\nCMD [\"/x\"]\n"
	for fix, want := range map[string]string{
		"correct it":                        "nothing applies",
		"remove them":                       "nothing is fixed",
		"write ENV X=VALUE above this line": "nothing is fixed",
		`write SHELL ["/bin/bash", "-o", "pipefail", "-c"] above it`: "",
		"write ENV TOKEN=VALUE above this line":                      "secrets has 1 findings instead of 0",
	} {
		before := lintText(text)
		i := slices.IndexFunc(before, func(f finding.Finding) bool { return f.Rule == pipefail.Key })
		before[i].Fix = fix
		if fault := fixFault(t, text, before, before[i]); (want == "") != (fault == "") || !strings.Contains(fault, want) {
			t.Errorf("%s: %q, want %q", fix, fault, want)
		}
	}
}

func lintText(text string) []finding.Finding {
	return lintDockerfile(&Dockerfile{Path: "Dockerfile", Now: today}, []byte(text), checks, nil).Findings
}

// fixFault is what is wrong with a finding's fix, "" when it works or a person has to decide.
func fixFault(t *testing.T, text string, before []finding.Finding, f finding.Finding) string {
	t.Helper()
	e := newEditor(t, text, f.Line)
	if !applyFix(e, f.Fix, f) {
		if byHand[f.Rule] != "" || slices.ContainsFunc(decisions, func(d decision) bool { return d.rule == f.Rule && strings.HasPrefix(f.Fix, d.fix) }) {
			return ""
		}
		return "nothing applies this fix: add it to the fixes of this test"
	}
	was, is := countByRule(before), countByRule(lintText(e.text))
	for rule, n := range is {
		if n > was[rule] {
			return fmt.Sprintf("%s has %d findings instead of %d after the fix:\n%s", rule, n, was[rule], e.text)
		}
	}
	if is[f.Rule] >= was[f.Rule] {
		return "nothing is fixed:\n" + e.text
	}
	return ""
}

func countByRule(all []finding.Finding) map[string]int {
	counts := map[string]int{}
	for _, f := range all {
		counts[f.Rule]++
	}
	return counts
}
