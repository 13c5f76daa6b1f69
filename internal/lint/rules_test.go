package lint

import (
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/finding"
)

// today is the day on which the tests lint: what is supported depends on it.
var today = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// The files of testdata/RULE are checked against that rule; those of testdata/all to all rules. A comment `# want: RULE...` above
// an instruction says what is found in it; RULE/TEXT asks for a text in the finding, with _ for blanks. A finding that no comment asks for
// fails the test, and so does a comment without its finding. <U+2011> stands for that character.
func TestRules(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*/*.Dockerfile")
	if err != nil || len(files) == 0 {
		t.Fatal("no test data", err)
	}
	for _, name := range files {
		if filepath.Base(filepath.Dir(name)) == "cases" { // see cases_test.go
			continue
		}
		t.Run(filepath.ToSlash(name), func(t *testing.T) {
			t.Parallel()
			rules := checks
			if key := filepath.Base(filepath.Dir(name)); key != "all" && key != "article" {
				i := slices.IndexFunc(checks, func(r *rule) bool { return r.Key == key })
				if i < 0 {
					t.Fatal(Rules.Unknown(key))
				}
				rules = checks[i : i+1]
			}
			raw, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			text := strings.ReplaceAll(string(raw), "<U+2011>", "\u2011")
			d := &Dockerfile{Path: name, Now: today}
			if dir := filepath.Dir(name); filepath.Base(dir) == "article" {
				d.Context, d.Name = articleContext, "Dockerfile"
			}
			check(t, text, lintDockerfile(d, []byte(text), rules, nil))
		})
	}
}

// articleContext is the folder that the article's Dockerfiles are built from: there is no go.sum in it.
var articleContext = fstest.MapFS{
	".dockerignore": {Data: []byte("*\n!*.go\n!go.mod\n!app\n!package*.json\n!src\n!main.c\n!requirements.txt\n")},
	"go.mod":        {}, "main.go": {}, "app/main.py": {}, "requirements.txt": {}, "package.json": {}, "package-lock.json": {}, "src/index.ts": {}, "main.c": {},
}

// check compares a report with the want comments of a Dockerfile.
func check(t *testing.T, text string, report finding.Report) {
	t.Helper()
	type expected struct {
		line      int
		rule, has string
	}
	var wanted []expected
	lines := strings.Split(text, "\n")
	for n, line := range lines {
		list, ok := strings.CutPrefix(strings.TrimSpace(line), "# want: ")
		if !ok {
			continue
		}
		below := n + 1
		for lines[below] == "" || strings.HasPrefix(lines[below], "#") {
			below++
		}
		for _, w := range strings.Fields(list) {
			rule, has, _ := strings.Cut(w, "/")
			wanted = append(wanted, expected{below + 1, rule, has})
		}
	}
	for _, f := range report.Findings {
		i := slices.IndexFunc(wanted, func(w expected) bool {
			return w.line == f.Line && w.rule == f.Rule && strings.Contains(strings.ReplaceAll(f.Message, " ", "_"), w.has)
		})
		if i < 0 {
			t.Errorf("not wanted: %s", f)
			continue
		}
		wanted = slices.Delete(wanted, i, i+1)
	}
	for _, w := range wanted {
		t.Errorf("not found: line %d, %s %s", w.line, w.rule, w.has)
	}
}

// contextCases are the cases of the rules that look at the context too.
var contextCases = []struct {
	rule *rule
	name string
	text string
	fs   fstest.MapFS
	want string // part of the finding; "" for none
}{
	{contextRule, "denies all", "FROM scratch\nCOPY a /\n", fstest.MapFS{".dockerignore": {Data: []byte("# all\n*\n!src\n")}}, ""},
	{contextRule, "two stars", "FROM scratch\nCOPY a /\n", fstest.MapFS{".dockerignore": {Data: []byte("**\n!src\n")}}, ""},
	{contextRule, "its own", "FROM scratch\nCOPY a /\n", fstest.MapFS{"Dockerfile.dockerignore": {Data: []byte("*\n")}, ".dockerignore": {Data: []byte(".git\n")}}, ""},
	{contextRule, "a list of what to leave out", "FROM scratch\nCOPY a /\n", fstest.MapFS{".dockerignore": {Data: []byte(".git\nnode_modules\n")}}, "leaves out some files"},
	{contextRule, "denies all and allows all", "FROM scratch\nCOPY a /\n", fstest.MapFS{".dockerignore": {Data: []byte("*\n!*\n")}}, "leaves out some files"},
	{contextRule, "nothing is copied from it", "FROM scratch AS a\nONBUILD COPY b /\nADD https://example.com/x /\nFROM scratch\nCOPY --from=a /x /\nRUN --mount=type=bind,from=a true\n", fstest.MapFS{"a": {}}, ""},
	{contextRule, "mounted", "FROM scratch\nRUN --mount=type=bind,target=/src true\n", fstest.MapFS{"a": {}}, "there is none"},
	{contextRule, "none", "FROM scratch\nCOPY a /\n", fstest.MapFS{"a": {}}, "there is none"},

	{sources, "there", "FROM scratch\nCOPY a b/ c* $X https://example.com/x ./d/../a /e/\n", fstest.MapFS{"a": {}, "b/x": {}}, ""},
	{sources, "of a stage, a heredoc, ONBUILD", "FROM scratch AS s\nCOPY --from=s x /\nCOPY <<E /x\nE\nONBUILD COPY x /\n", fstest.MapFS{"a": {}}, ""},
	{sources, "the folder itself", "FROM scratch\nCOPY . /\n", fstest.MapFS{".dockerignore": {Data: []byte("*\n!a\n")}, "a": {}}, ""},
	{sources, "allowed below", "FROM scratch\nCOPY b /\n", fstest.MapFS{".dockerignore": {Data: []byte("*\n!b/x\n")}, "b/x": {}}, ""},
	{sources, "not there", "FROM scratch\nCOPY go.mod go.sum /\n", fstest.MapFS{"go.mod": {}}, "go.sum is not in the context"},
	{sources, "left out", "FROM scratch\nADD a /\n", fstest.MapFS{".dockerignore": {Data: []byte("*\n!b\n")}, "a": {}}, "a is left out by .dockerignore"},
}

func TestContextRules(t *testing.T) {
	t.Parallel()
	for _, tt := range contextCases {
		t.Run(tt.rule.Key+"/"+tt.name, func(t *testing.T) {
			t.Parallel()
			d := &Dockerfile{Path: "Dockerfile", Name: "Dockerfile", Context: tt.fs, Now: today}
			report := lintDockerfile(d, []byte(tt.text), []*rule{tt.rule}, nil)
			if tt.want == "" && len(report.Findings) > 0 || tt.want != "" && (len(report.Findings) != 1 || !strings.Contains(report.Findings[0].Message, tt.want)) {
				t.Errorf("findings are %v, want %q", report.Findings, tt.want)
			}
			d.Context = nil
			if r := lintDockerfile(d, []byte(tt.text), []*rule{tt.rule}, nil); len(r.Findings) > 0 {
				t.Errorf("without a context it says %v", r.Findings)
			}
		})
	}
}

// stagesCases are Dockerfiles of a service, and what is said of their stages.
var stagesCases = []struct {
	text string
	kind catalog.DockerfileKind
	want string // the finding; "" for none
}{
	{"FROM scratch AS test\nFROM scratch AS Runtime\n", catalog.Own, ""},
	{"FROM scratch\n", catalog.Rendered, ""},
	{"FROM scratch AS runtime\n", catalog.Own, "web/Dockerfile: stages: there is no stage test, which the bake file builds; write FROM IMAGE AS test"},
	{"FROM scratch\n", catalog.Own, "web/Dockerfile: stages: there is no stage test and no stage runtime, which the bake file builds; write FROM IMAGE AS test"},
}

func TestStages(t *testing.T) {
	t.Parallel()
	for _, c := range stagesCases {
		d := &Dockerfile{Path: "web/Dockerfile", Now: today, Service: &catalog.Service{Name: "web", Dockerfile: c.kind}}
		var got []string
		for _, f := range lintDockerfile(d, []byte(c.text), []*rule{stages}, nil).Findings {
			got = append(got, f.String())
		}
		if strings.Join(got, "\n") != c.want {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
}

// Every rule has an example that it reports and one that it does not, and cases of both kinds in these tests.
func TestEveryRule(t *testing.T) {
	t.Parallel()
	for _, r := range Rules {
		bad, good := casesOf(t, r)
		if bad == 0 || good == 0 {
			t.Errorf("%s has %d bad and %d good cases in the tests", r.Key, bad, good)
		}
		if r.Needs == finding.NothingElse {
			if found := example(r, r.Bad); len(found) == 0 {
				t.Errorf("%s does not report its bad example", r.Key)
			}
			if found := example(r, r.Good); len(found) > 0 {
				t.Errorf("%s reports its good example: %v", r.Key, found)
			}
		}
	}
}

func example(r *finding.Rule, text string) []finding.Finding {
	d := &Dockerfile{Path: "Dockerfile", Now: today}
	report := lintDockerfile(d, []byte(text), checks, nil)
	return slices.DeleteFunc(report.Findings, func(f finding.Finding) bool { return Rules.Find(f.Rule) != r })
}

// casesOf counts the cases of a rule. Those of waiver are in waiver_test.go.
func casesOf(t *testing.T, r *finding.Rule) (bad, good int) {
	t.Helper()
	count := func(isBad bool) {
		if isBad {
			bad++
		} else {
			good++
		}
	}
	for _, c := range contextCases {
		if &c.rule.Rule == r {
			count(c.want != "")
		}
	}
	for _, c := range stagesCases {
		if r == &stages.Rule {
			count(c.want != "")
		}
	}
	for _, c := range waiverCases {
		if r == finding.WaiverRule {
			count(c.want != "")
		}
	}
	files, err := fs.Glob(os.DirFS("testdata"), path.Join(r.Key, "*.Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		text, err := os.ReadFile(filepath.Join("testdata", filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		count(strings.Contains(string(text), "# want: "))
	}
	return bad, good
}

// A rendered or own Dockerfile of a service is looked at with all that is known of it.
func TestLintServices(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		p := filepath.Join(root, filepath.FromSlash(name))
		if err := cmp.Or(os.MkdirAll(filepath.Dir(p), 0o755), os.WriteFile(p, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	write(".dockerignore", "*\n")
	write("services/demo/Dockerfile", "FROM scratch AS runtime\nCOPY services/demo/x /x\n")
	services := []catalog.Service{{
		Name: "demo", Dir: "services/demo", Dockerfile: catalog.Rendered,
		Allow: []catalog.Waiver{
			{Rule: "user", Reason: "a test", Line: 7},
			{Rule: "layers", Reason: "a test", Line: 8},
			{Rule: "loads", Reason: "is audit's", Line: 9},
			{Rule: "privilige", Reason: "a slip", Line: 10},
		},
	}}
	report, err := Services(root, services, finding.Rules{{Key: "loads"}, {Key: "privilege"}})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range report.Findings {
		got = append(got, fmt.Sprintf("%s %s", f.Place(), f.Rule))
	}
	want := "services/demo/Dockerfile:2 sources, services/demo/service.yaml:8 waiver, services/demo/service.yaml:10 waiver"
	if s := strings.Join(got, ", "); s != want || len(report.Waived) != 1 || report.Subjects != 1 {
		t.Errorf("findings are %s, want %s; waived %v", s, want, report.Waived)
	}
	if last := report.Findings[len(report.Findings)-1].Message; last != "there is no rule privilige; did you mean privilege?" {
		t.Errorf("a waiver for a rule that is not there: %s", last)
	}
	services[0].Dir = "services/none"
	if _, err := Services(root, services, finding.Rules{{Key: "loads"}, {Key: "privilege"}}); err == nil || !strings.Contains(err.Error(), "mage render") {
		t.Errorf("a missing Dockerfile is %v", err)
	}
}
