package engine

import (
	"strings"
	"testing"
)

func TestAllowed(t *testing.T) {
	for _, c := range []struct {
		name, setting, system string
		uid                   int
		capabilities          uint64
		want                  string // part of the error; empty: none
	}{
		{"root on Linux", "", "linux", 0, ^uint64(0), ""},
		{"root on Linux, asked for", "private", "linux", 0, ^uint64(0), ""},
		{"refused", "off", "linux", 0, ^uint64(0), "STAGECRAFT_ENGINE=off"},
		{"a user on Linux", "", "linux", 1000, ^uint64(0), "rootless"},
		{"root in a plain container", "", "linux", 0, 0xa80425fb, "--privileged"},
		{"macOS", "", "darwin", 0, ^uint64(0), "Docker Desktop"},
		{"Windows", "", "windows", -1, ^uint64(0), "WSL 2"},
		{"another system", "", "freebsd", 0, ^uint64(0), "needs Linux"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("STAGECRAFT_ENGINE", c.setting)
			err := allowed(c.system, c.uid, c.capabilities)
			switch {
			case c.want == "" && err != nil:
				t.Errorf("refused: %v", err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("error %v, want one that has %q", err, c.want)
			case err != nil && strings.Contains(err.Error(), "\n"):
				t.Errorf("error of several lines: %v", err)
			}
		})
	}
}
