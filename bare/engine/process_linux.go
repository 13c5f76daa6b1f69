package engine

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// owned lists the processes of this home.
func (h Home) owned() []process {
	paths, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	var found []process
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil || len(data) == 0 {
			continue // gone, a zombie, or the kernel's own
		}
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		p := process{pid, strings.Split(string(bytes.TrimRight(data, "\x00")), "\x00")}
		if h.owns(p) {
			found = append(found, p)
		}
	}
	return found
}

// find returns the pid of this home's process of that name, or 0.
func (h Home) find(name string) int {
	for _, p := range h.owned() {
		if p.name() == name {
			return p.pid
		}
	}
	return 0
}

// alive reports whether the process runs: a zombie does not.
func alive(pid int) bool {
	data, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return false
	}
	// The name, in parentheses, may hold anything; the state follows it.
	_, after, _ := bytes.Cut(data, []byte(") "))
	return len(after) > 0 && after[0] != 'Z'
}

// end asks the process to end, and after the grace makes it.
func end(pid int, grace time.Duration) {
	for _, step := range []struct {
		signal syscall.Signal
		wait   time.Duration
	}{{syscall.SIGTERM, grace}, {syscall.SIGKILL, 5 * time.Second}} {
		if syscall.Kill(pid, step.signal) != nil {
			return
		}
		for deadline := time.Now().Add(step.wait); time.Now().Before(deadline); {
			if !alive(pid) {
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
}
