// Package say tells a person what a long piece of work is doing.
package say

import (
	"bytes"
	"fmt"
	"strings"
	"time"
)

// Func tells a person one line.
type Func func(format string, args ...any)

// Every repeats a line with the time it has taken, until stopped: silence
// looks like a hang.
func (say Func) Every(d time.Duration, label string) (stop func()) {
	done, start := make(chan struct{}), time.Now()
	go func() {
		tick := time.NewTicker(d)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				say("%s, %s so far", label, time.Since(start).Round(time.Second))
			}
		}
	}()
	return func() { close(done) }
}

// LastLine returns the last line of a program's output that says something.
func LastLine(out []byte) string {
	lines := strings.Split(string(bytes.TrimSpace(out)), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}

// Size writes bytes in SI units.
func Size(n int64) string {
	for _, u := range []struct {
		unit int64
		name string
	}{{1e9, "GB"}, {1e6, "MB"}, {1e3, "kB"}} {
		if n >= u.unit {
			return fmt.Sprintf("%.1f %s", float64(n)/float64(u.unit), u.name)
		}
	}
	return fmt.Sprintf("%d bytes", n)
}
