package build

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/stagecraft/internal/progress"
)

const failing = `{"vertexes":[{"digest":"1","name":"[%NAME%build 1/2] RUN make","started":"2026-01-01T00:00:00Z","completed":"2026-01-01T00:00:02Z","error":"exit code: 2"}],"logs":[{"vertex":"1","data":"bWFrZTogKioqIG5vIHJ1bGU="}]}
Dockerfile:12
--------------------
  12 | >>> RUN make
--------------------
ERROR: target a-arm64: failed to solve: exit code: 2
`

// errEnded is as command has it: the program, and how it ended.
var errEnded = fmt.Errorf("docker buildx bake: %w", errors.New("signal: killed"))

func TestAFailureNamesServicePlatformAndLine(t *testing.T) {
	root := t.TempDir()
	bakefile := `{"target": {"a": {"dockerfile": "services/a/Dockerfile"}, "a-test": {"dockerfile": "services/a/Dockerfile"}, "c": {"dockerfile": "services/c/Dockerfile"}}}`
	if err := os.WriteFile(filepath.Join(root, "docker-bake.json"), []byte(bakefile), 0o600); err != nil {
		t.Fatal(err)
	}
	o := overlay{Target: map[string]*target{
		"a":    {Platforms: []string{"linux/amd64", "linux/arm64"}},
		"c":    {Platforms: []string{"linux/arm64"}},
		"lint": {Dockerfile: "tools/lint/Dockerfile"},
	}}
	for _, c := range []struct{ name, step, want string }{
		{"the only platform", "c ", "build c for linux/arm64: services/c/Dockerfile:12, step build 1/2: exit code: 2; what it wrote is above"},
		{"a platform in the step", "a linux/amd64->linux/arm64 ", "build a for linux/amd64->linux/arm64: services/a/Dockerfile:12, step build 1/2: exit code: 2; what it wrote is above"},
		{"shared by platforms", "a ", "build a: services/a/Dockerfile:12, step build 1/2: exit code: 2; what it wrote is above"},
		{"tests", "a-test ", "build a-test: services/a/Dockerfile:12, step build 1/2: exit code: 2; what it wrote is above"},
		{"one target only", "", "build lint: tools/lint/Dockerfile:12, step build 1/2: exit code: 2; what it wrote is above"},
		{"no such target", "b ", "build b: the Dockerfile of b:12, step build 1/2: exit code: 2; what it wrote is above"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out strings.Builder
			display := progress.New(&strings.Builder{})
			if _, err := display.Write([]byte(strings.Replace(failing, "%NAME%", c.step, 1))); err != nil {
				t.Fatal(err)
			}
			display.Close()
			b := &Builder{root: root, progress: &out}
			if err := b.failed("everything", display.Failure(), errEnded, o, []string{"lint"}); err.Error() != c.want {
				t.Errorf("the line is\n%v, want\n%s", err, c.want)
			}
			if said := out.String(); !strings.Contains(said, ": RUN make\n") || !strings.Contains(said, "make: *** no rule\n") || !strings.Contains(said, ":12\n  12 | >>> RUN make\n") {
				t.Errorf("above it stands\n%s", said)
			}
		})
	}
}

// What the builder does by itself has no number.
func TestAFailureOfAChore(t *testing.T) {
	display := progress.New(&strings.Builder{})
	chore := `{"vertexes":[{"digest":"1","name":"[lint] pull a base","started":"2026-01-01T00:00:00Z","completed":"2026-01-01T00:00:02Z","error":"EOF"}]}`
	if _, err := display.Write([]byte(chore + "\n")); err != nil {
		t.Fatal(err)
	}
	display.Close()
	b := &Builder{root: t.TempDir(), progress: &strings.Builder{}}
	err := b.failed("everything", display.Failure(), errEnded, overlay{Target: map[string]*target{"lint": {Dockerfile: "tools/lint/Dockerfile"}}}, []string{"lint"})
	if want := "build lint: tools/lint/Dockerfile, step pull a base: EOF; what it wrote is above"; err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestAFailureBeforeAnyStep(t *testing.T) {
	var out strings.Builder
	display := progress.New(&strings.Builder{})
	if _, err := display.Write([]byte("ERROR: failed to find target nothing\n")); err != nil {
		t.Fatal(err)
	}
	display.Close()
	b := &Builder{root: t.TempDir(), progress: &out}
	err := b.failed("hello", display.Failure(), errEnded, overlay{}, nil)
	if want := "build hello: failed to find target nothing"; err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// buildx may be killed, or not be started at all.
func TestAFailureWithoutWords(t *testing.T) {
	var out strings.Builder
	display := progress.New(&strings.Builder{})
	display.Close()
	b := &Builder{root: t.TempDir(), progress: &out}
	err := b.failed("hello", display.Failure(), errEnded, overlay{}, nil)
	if want := "build hello: buildx ended without a reason: signal: killed"; err.Error() != want || out.Len() > 0 {
		t.Errorf("got %v, want %s; above it %q", err, want, out.String())
	}
}
