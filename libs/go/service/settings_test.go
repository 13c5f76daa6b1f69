package service

import (
	"flag"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// setenv sets some variables, and clears the others that the tests read.
func setenv(t *testing.T, values map[string]string) {
	t.Helper()
	for _, name := range []string{"PORT", "DRAIN_DELAY", "LOG_LEVEL", "UPSTREAM_TIMEOUT", "PROBE"} {
		t.Setenv(name, values[name])
	}
}

// read reads the settings of a service that has one of its own.
func read(args ...string) (settings, time.Duration, error) {
	flags := flag.NewFlagSet("test", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	timeout := flags.Duration("upstream-timeout", 2*time.Second, "a duration")
	set, err := readSettings(flags, args)
	return set, *timeout, err
}

func TestRead(t *testing.T) {
	for name, tt := range map[string]struct {
		env     map[string]string
		args    []string
		want    settings
		timeout time.Duration
	}{
		"empty": {nil, nil, settings{port: 8080}, 2 * time.Second},
		"all": {
			map[string]string{"PORT": "1", "DRAIN_DELAY": "500ms", "LOG_LEVEL": "debug", "UPSTREAM_TIMEOUT": "1m"},
			nil,
			settings{1, 500 * time.Millisecond, slog.LevelDebug, false},
			time.Minute,
		},
		"the maximum":          {map[string]string{"PORT": "65535", "DRAIN_DELAY": "1h"}, nil, settings{port: 65535, drainDelay: time.Hour}, 2 * time.Second},
		"arguments come first": {map[string]string{"PORT": "1"}, []string{"--port=2"}, settings{port: 2}, 2 * time.Second},
		"probe is no setting":  {map[string]string{"PROBE": "true"}, nil, settings{port: 8080}, 2 * time.Second},
		"probe is an argument": {nil, []string{"--probe"}, settings{port: 8080, probe: true}, 2 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			setenv(t, tt.env)
			if got, timeout, err := read(tt.args...); err != nil || got != tt.want || timeout != tt.timeout {
				t.Errorf("got %+v, %s, %v, want %+v, %s", got, timeout, err, tt.want, tt.timeout)
			}
		})
	}
}

func TestReadRefuses(t *testing.T) {
	for _, tt := range []struct{ name, value, want string }{
		{"PORT", "eighty", `reading PORT: "eighty": not a number from 1 to 65535`},
		{"PORT", "0", `reading PORT: "0": not a number`},
		{"PORT", "65536", `reading PORT: "65536": not a number`},
		{"PORT", "-1", `reading PORT: "-1": not a number`},
		{"PORT", " 80", `reading PORT: " 80": not a number`},
		{"PORT", "80\n81", `reading PORT: "80\n81": not a number`},
		{"DRAIN_DELAY", "2", `reading DRAIN_DELAY: "2": parse error: set how long`},
		{"DRAIN_DELAY", "-1s", `reading DRAIN_DELAY: -1s: set a duration from 0s to 1h`},
		{"DRAIN_DELAY", "61m", `reading DRAIN_DELAY: 1h1m0s: set a duration from 0s to 1h`},
		{"LOG_LEVEL", "loud", `reading LOG_LEVEL: "loud": `},
		{"UPSTREAM_TIMEOUT", "soon", `reading UPSTREAM_TIMEOUT: "soon": parse error: set a duration`},
	} {
		t.Run(tt.name+"="+tt.value, func(t *testing.T) {
			setenv(t, map[string]string{tt.name: tt.value})
			_, _, err := read()
			if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
				t.Fatalf("error = %v, want %q...", err, tt.want)
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("error = %q, want one line", err)
			}
		})
	}
}

func TestReadReportsEverythingAtOnce(t *testing.T) {
	setenv(t, map[string]string{"PORT": "x", "DRAIN_DELAY": "x", "LOG_LEVEL": "x", "UPSTREAM_TIMEOUT": "x"})
	if _, _, err := read(); err == nil || strings.Count(err.Error(), "\n") != 3 {
		t.Errorf("error = %v, want four lines", err)
	}
}
