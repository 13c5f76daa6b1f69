package engine

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fakeGo puts a script in place of the go command. It gets the output's path in
// $out. What it makes is for no engine that shares its programs.
func fakeGo(t *testing.T, script string) {
	t.Helper()
	t.Setenv(programsSetting, "")
	dir := t.TempDir()
	text := `#!/bin/sh
while [ $# -gt 0 ]; do [ "$1" = -o ] && out=$2; shift; done
` + script
	if err := os.WriteFile(filepath.Join(dir, "go"), []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
}

func quiet(string, ...any) {}

// A run that fails half-way leaves what it finished, and the next one goes on.
func TestCompileGoesOn(t *testing.T) {
	h := Home(t.TempDir())
	count := filepath.Join(t.TempDir(), "count")
	fakeGo(t, `case "$out" in */runc) echo partial > "$out"; echo first; echo "cannot reach the proxy" >&2; exit 1;; esac
echo "$out" >> `+count+`; echo done > "$out"`)
	err := h.compile(context.Background(), quiet)
	if err == nil || !strings.Contains(err.Error(), "compiling runc: cannot reach the proxy") || !strings.Contains(err.Error(), h.installLog()) {
		t.Fatalf("error %v, want the compiler's last line and the log", err)
	}
	if log, _ := os.ReadFile(h.installLog()); !strings.Contains(string(log), "first") {
		t.Errorf("the log has %q", log)
	}
	names := ""
	for _, p := range h.missing() {
		names += p.name + " "
	}
	if names != "runc buildx " {
		t.Fatalf("missing after the failure: %s", names)
	}
	fakeGo(t, `echo "$out" >> `+count+`; echo done > "$out"`)
	if err := h.compile(context.Background(), quiet); err != nil {
		t.Fatal(err)
	}
	if len(h.missing()) != 0 {
		t.Errorf("still missing: %v", h.missing())
	}
	if built, _ := os.ReadFile(count); strings.Count(string(built), "\n") != len(programs) {
		t.Errorf("built %d programs in all, want each once:\n%s", strings.Count(string(built), "\n"), built)
	}
	entries, _ := os.ReadDir(h.programs())
	if len(entries) != 1 {
		t.Errorf("left in the folder: %v", entries)
	}
}

func TestCompileDropsEarlierSets(t *testing.T) {
	h := Home(t.TempDir())
	fakeGo(t, `echo done > "$out"`)
	for _, set := range []string{"in-use", "forgotten"} {
		if err := os.MkdirAll(filepath.Join(h.programs(), set), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.writeState(state{Set: "in-use"}); err != nil {
		t.Fatal(err)
	}
	if err := h.compile(context.Background(), quiet); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(h.programs(), "in-use")); err != nil {
		t.Error("the programs of the running engine were deleted")
	}
	if _, err := os.Stat(filepath.Join(h.programs(), "forgotten")); err == nil {
		t.Error("programs of an earlier pin were kept")
	}
}

func TestCompileErrors(t *testing.T) {
	p := programs[0]
	log := filepath.Join(t.TempDir(), "log")
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	for _, c := range []struct {
		name string
		ctx  context.Context
		out  string
		want string
	}{
		{"interrupted", cancelled, "signal: killed", "interrupted; run the same command again"},
		{"full disk", context.Background(), "a\nwrite x: no space left on device\nb", "the disk is full"},
		{"another", context.Background(), "a\nb: undefined\n", "b: undefined (all of it: " + log},
		{"no words", context.Background(), "", "exit status 9"},
	} {
		err := compileError(c.ctx, p, log, []byte(c.out), fmt.Errorf("exit status 9"))
		if !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %q in one line", c.name, err, c.want)
		}
	}
}

func TestEnoughSpace(t *testing.T) {
	if err := enoughSpace(t.TempDir(), 1); err != nil {
		t.Errorf("a byte is free: %v", err)
	}
	if err := enoughSpace(t.TempDir(), 1<<60); err == nil || !strings.Contains(err.Error(), "STAGECRAFT_HOME") {
		t.Errorf("error %v, want one with a way out", err)
	}
}
