package mutation

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Every kind of mutant, in the order of the source; and what has none because it would not compile or never end.
func TestMutantsOfSource(t *testing.T) {
	t.Parallel()
	for source, want := range map[string][]string{
		"func f(a, b bool) { if a && b { g() } }":                      {"without g()", "a && b becomes false", "a becomes true", "b becomes true"},
		"func f(a, b bool) bool { return (a) || !b }":                  {"(a) || !b becomes true", "a becomes false", "!b becomes false"},
		"func f(a, b int) bool { return a == b }":                      {"a == b becomes true", "a == b becomes false"},
		"func f(a int) { for a < 3 { a++ } }":                          {"a < 3 becomes false", "a < 3 becomes <=", "without a++"},
		"func f(a []int) { for range a { continue } }":                 {"the loop ends before its first round", "without continue"},
		"func f(a int) int { switch { case a > 1: a = 2 }; return a }": {"a > 1 becomes true", "a > 1 becomes false", "a > 1 becomes >=", "without a = 2"},
		"func f(a int) int { return a - 1 }":                           {"a - 1 becomes a"},
		"func f() (int, error) { return 1, g() }":                      {"g() becomes nil"},
		"func f() (int, error) { return h() }":                         nil,
		"func f() error { return nil }":                                nil,
		"func f(a string) string { x := a + `b`; _ = x; panic(x) }":    nil,
		"const c = 1 < 2":                        nil,
		"func f(a int) { switch a { case 1: } }": nil,
	} {
		f, err := newFile("p/f.go", "package p\n\n"+source+"\n", 0)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range f.mutants {
			if m.File != "p/f.go" || m.Line != 3 {
				t.Errorf("%s is at %s:%d", m.Change, m.File, m.Line)
			}
			got = append(got, m.Change)
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s\n\thas %q\n\twant %q", source, got, want)
		}
	}
}

const (
	tested = `package p

import "errors"

type count int8

var calls int

func limited(n count) (sum count, err error) {
	calls++
	for i := range n {
		if i > 2 && n != 100 || i == 50 {
			return sum, errors.New("too many")
		}
		sum += i + 1
	}
	return sum, nil
}

func unused(n int) int {
	if n > 1 {
		n--
	}
	return n
}
`
	tests = `package p

import "testing"

func TestLimited(t *testing.T) {
	if sum, err := limited(3); sum != 6 || err != nil {
		t.Error(sum, err)
	}
	if _, err := limited(4); err == nil {
		t.Error("no error")
	}
}

func TestNothing(t *testing.T) { t.Log(limited(3)) }
`
)

func module(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestRun(t *testing.T) {
	t.Parallel()
	files := map[string]string{"go.mod": "module example.com/m\n\ngo 1.26\n", "p/f.go": tested, "p/f_test.go": tests}
	root := module(t, files)
	score, err := Run(t.Context(), root, "p", nil, 0, t.Logf)
	if err != nil {
		t.Fatal(err)
	}
	var survived []string
	for _, m := range score.Survived {
		survived = append(survived, m.String())
	}
	if got := strings.Join(survived, "\n"); got != "p/f.go:10: without calls++" {
		t.Errorf("survived:\n%s", got)
	}
	if score.Package != "p" || score.Killed != 8 || score.Missed != 6 { // no test has 50 or 100, nor calls unused
		t.Errorf("score is %+v", score)
	}
	sample, err := Run(t.Context(), root, "p", []string{"f.go", "g.go"}, 4, t.Logf)
	if err != nil || sample.Killed+len(sample.Survived) != 3 || sample.Skipped != 6 || sample.Mutants() != score.Mutants() {
		t.Errorf("every third of 9 is %+v, %v", sample, err)
	}
	if none, err := Run(t.Context(), root, "p", []string{"g.go"}, 0, t.Logf); err != nil || none.Mutants() != 0 {
		t.Errorf("another file alone has %+v, %v", none, err)
	}
	for name, want := range files {
		if text, err := os.ReadFile(filepath.Join(root, name)); err != nil || string(text) != want {
			t.Errorf("%s changed: %v", name, err)
		}
	}
	if entries, _ := os.ReadDir(filepath.Join(root, "p")); len(entries) != 2 {
		t.Errorf("p holds %v", entries)
	}
}

func TestPackagesAreThere(t *testing.T) {
	t.Parallel()
	for _, p := range Packages {
		if found, err := filepath.Glob(filepath.Join("..", "..", filepath.FromSlash(TestedBy(p)), "*_test.go")); err != nil || len(found) == 0 {
			t.Errorf("%s in Packages has no tests, %v", p, err)
		}
	}
}

func TestRunNeedsTestsThatPass(t *testing.T) {
	t.Parallel()
	for want, test := range map[string]string{
		"it has none":                      "package p\n",
		"TestFails fails without a mutant": "package p\n\nimport \"testing\"\n\nfunc TestFails(t *testing.T) { t.Fail() }\n",
		"compile the mutants":              "package p\n\nfunc TestFails(t *testing.T) {}\n",
	} {
		root := module(t, map[string]string{"go.mod": "module example.com/m\n\ngo 1.26\n", "p/f.go": tested, "p/f_test.go": test})
		if score, err := Run(t.Context(), root, "p", nil, 0, t.Logf); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %+v, %v; want an error with %q", score, err, want)
		}
	}
}
