package apt

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/stagecraft/bare/internal/lock"
)

func quiet(string, ...any) {}

// fakeApt puts a script in place of apt-get and returns the file of its calls.
func fakeApt(t *testing.T, script string) (calls string) {
	t.Helper()
	dir := t.TempDir()
	calls = filepath.Join(dir, "calls")
	text := "#!/bin/sh\necho \"$*\" >> " + calls + "\n" + script
	if err := os.WriteFile(filepath.Join(dir, "apt-get"), []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	saved := lockFile
	t.Cleanup(func() { lockFile = saved })
	lockFile = filepath.Join(dir, "lock")
	return calls
}

func TestInstallNothing(t *testing.T) {
	calls := fakeApt(t, "")
	if err := Install(context.Background(), nil, quiet); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(calls); err == nil {
		t.Error("apt-get was asked to install nothing")
	}
}

// A fresh container has no package lists: the first try fails, update helps.
func TestInstallUpdatesOnce(t *testing.T) {
	mark := filepath.Join(t.TempDir(), "updated")
	calls := fakeApt(t, `case "$*" in *update) touch `+mark+`;; *) [ -e `+mark+` ];; esac`)
	if err := Install(context.Background(), []string{"iptables"}, quiet); err != nil {
		t.Fatal(err)
	}
	log, _ := os.ReadFile(calls)
	if lines := strings.Split(strings.TrimSpace(string(log)), "\n"); len(lines) != 3 || !strings.HasSuffix(lines[1], "update") {
		t.Errorf("calls:\n%s", log)
	}
}

func TestInstallTellsTheFirstError(t *testing.T) {
	fakeApt(t, `echo "E: Unable to locate package nonsense"; echo "E: it follows"; exit 100`)
	err := Install(context.Background(), []string{"nonsense"}, quiet)
	if err == nil || !strings.Contains(err.Error(), "Unable to locate package nonsense") || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %v", err)
	}
}

func TestInstallWithoutApt(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	err := Install(context.Background(), []string{"iptables"}, quiet)
	if err == nil || !strings.Contains(err.Error(), "no apt-get") || !strings.Contains(err.Error(), "iptables") {
		t.Errorf("error %v", err)
	}
}

// Who is interrupted while another command installs does not install after it.
func TestInstallInterrupted(t *testing.T) {
	calls := fakeApt(t, "")
	unlock, err := lock.Take(context.Background(), lockFile, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	if err := Install(ctx, []string{"iptables"}, quiet); err == nil || !strings.Contains(err.Error(), "interrupted") {
		t.Errorf("error %v", err)
	}
	if _, err := os.Stat(calls); err == nil {
		t.Error("apt-get was called")
	}
}
