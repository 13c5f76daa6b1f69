package gotest

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/stagecraft/internal/command"
)

// TestDo runs a module whose packages fail in each way there is.
func TestDo(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for file, text := range map[string]string{
		"go.mod":         "module example.com/m\n\ngo 1.26\n",
		"good/a_test.go": "package good\nimport \"testing\"\nfunc TestGood(t *testing.T) { t.Log(\"secret words\") }\n",
		"bad/a_test.go": `package bad
import "testing"
func TestBad(t *testing.T) {
	t.Run("one case", func(t *testing.T) { t.Log("first"); t.Error("got 1,\nwant 2"); t.Error("more") })
	t.Run("other", func(t *testing.T) {})
}
func TestPanics(t *testing.T) { panic("no reason") }
`,
		"exits/a_test.go":  "package exits\nimport (\"os\"; \"testing\")\nfunc TestExits(t *testing.T) { os.Exit(3) }\n",
		"broken/a_test.go": "package broken\nfunc f() { undefined() }\n",
	} {
		file = filepath.Join(root, "module", file)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	run := Run{
		Root: root, Dir: "module", Module: "example.com/m", Flags: []string{"-count=1"}, Select: []string{"-skip=^TestSkipped$"},
		Packages: []string{"./..."}, Env: command.Env("GOWORK=off", "GOFLAGS="),
	}
	var out strings.Builder
	err := run.Do(t.Context(), &out)
	var failures Failures
	if !errors.As(err, &failures) {
		t.Fatalf("error is %v\n%s", err, &out)
	}
	got := map[string]Failure{}
	for _, f := range failures {
		got[f.What] = f
	}
	for _, want := range []Failure{
		{"TestBad/one_case", "a_test.go:4: first", "go -C module test -count=1 '-run=^TestBad$/^one_case$' ./bad"},
		{"TestPanics", "panic: no reason [recovered, repanicked]", "go -C module test -count=1 '-run=^TestPanics$' ./bad"},
		{"example.com/m/broken", "it does not compile: broken/a_test.go:2:12: undefined: undefined", "go -C module test -count=1 ./broken"},
	} {
		if got[want.What] != want {
			t.Errorf("got  %+v\nwant %+v", got[want.What], want)
		}
	}
	if f := got["example.com/m/exits"]; !strings.HasPrefix(f.Reason, "TestExits (") || f.Repeat != "go -C module test -count=1 ./exits" {
		t.Errorf("of a test that ends the process: %+v", f)
	}
	if len(failures) != 4 {
		t.Errorf("%d failures, want 4: %+v", len(failures), failures)
	}
	if text := out.String(); !strings.Contains(text, "want 2") || strings.Contains(text, "secret words") || strings.Contains(text, "=== RUN") {
		t.Errorf("it wrote\n%s", text)
	}
}

func TestDoPasses(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for file, text := range map[string]string{
		"go.mod":    "module example.com/m\n\ngo 1.26\n",
		"a_test.go": "package m\nimport (\"fmt\"; \"os\"; \"testing\")\nfunc TestMain(m *testing.M) { code := m.Run(); fmt.Println(\"a table\"); os.Exit(code) }\nfunc Test(*testing.T) {}\n",
	} {
		if err := os.WriteFile(filepath.Join(root, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := Run{Root: root, Dir: ".", Module: "example.com/m", Packages: []string{"."}, Env: command.Env("GOWORK=off", "GOFLAGS=")}
	var out strings.Builder
	if err := run.Do(t.Context(), &out); err != nil {
		t.Errorf("%v\n%s", err, &out)
	}
	if !strings.Contains(out.String(), "a table\n") {
		t.Errorf("it wrote\n%s", &out)
	}
	run.Packages = []string{"./no-such"}
	var failures Failures
	if err := run.Do(t.Context(), &out); err == nil || errors.As(err, &failures) && len(failures) == 0 {
		t.Errorf("of a package that is not there: %v", err)
	}
}

func TestRepeat(t *testing.T) {
	t.Parallel()
	run := Run{Dir: ".", Module: "example.com/m", Flags: []string{"-race"}, Args: []string{"-sigterms=10"}}
	want := "go test -race '-run=^TestA$/^a\\.b$' ./integration -args -sigterms=10"
	if got := run.repeat("example.com/m/integration", "TestA/a.b"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := run.repeat("example.com/m", ""); got != "go test -race . -args -sigterms=10" {
		t.Errorf("of the package at the root: %s", got)
	}
}

// TestStuck: when nothing happens any more, what ran has failed; a busy machine has more time.
func TestStuck(t *testing.T) {
	t.Parallel()
	events := `{"Action":"start","Package":"p"}
{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"run","Package":"p","Test":"TestA/waits"}
{"Action":"pause","Package":"p","Test":"TestA/waits"}
{"Action":"run","Package":"p","Test":"TestA/hangs"}
{"Action":"run","Package":"p","Test":"TestB"}
{"Action":"pass","Package":"p","Test":"TestB","Elapsed":12.3}
`
	var out strings.Builder
	d := newDisplay(&out, func(_, test string) string { return "again " + test })
	write := func() {
		t.Helper()
		if _, err := d.Write([]byte(events)); err != nil {
			t.Fatal(err)
		}
	}
	write()
	later := time.Now().Add(90 * time.Second)
	if d.stuck(later, 10*time.Minute, 30*time.Minute, 1) || !strings.Contains(out.String(), "pass  TestB  12.3s\nstill running: TestA/hangs (") {
		t.Errorf("it wrote %s", &out)
	}
	if d.stuck(later, 10*time.Minute, 30*time.Minute, 1) || d.stuck(later, 10*time.Minute, 30*time.Minute, 2) {
		t.Error("25 of 30 minutes are too many")
	}
	events = `{"Action":"output","Package":"p","Test":"TestA/hangs","Output":"a word\n"}` + "\n"
	write()
	if d.stuck(later, 29*time.Minute, 30*time.Minute, 1) {
		t.Error("the time begins not again when a test writes")
	}
	if !d.stuck(later, time.Minute, 30*time.Minute, 1) {
		t.Error("30 of 30 minutes are not too many")
	}
	events = `{"Action":"fail","Package":"p"}` + "\n" // as go test has it when it is interrupted
	write()
	want := Failure{"TestA/hangs", "it ran for 1m30s, and nothing happened for the last 30m0s or more", "again TestA/hangs"}
	if len(d.failures) != 1 || d.failures[0] != want {
		t.Errorf("got  %+v\nwant %+v", d.failures, want)
	}
}

func TestSlowness(t *testing.T) {
	t.Parallel()
	if got := slowness(); got < 1 {
		t.Errorf("got %v", got)
	}
}
