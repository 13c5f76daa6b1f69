package engine

import (
	"path/filepath"
	"strings"
)

// process is a running program.
type process struct {
	pid  int
	args []string
}

func (p process) name() string { return filepath.Base(p.args[0]) }

// flag returns the value that follows a flag.
func (p process) flag(name string) string {
	for i, arg := range p.args[:len(p.args)-1] {
		if arg == name {
			return p.args[i+1]
		}
	}
	return ""
}

// owns reports whether a process is one of this home's: one of our programs that
// was given a file below it. A number in a pid file proves nothing: after a
// crash it may be anybody's.
func (h Home) owns(p process) bool {
	switch p.name() {
	case "dockerd", "containerd", "containerd-shim-runc-v2":
	default:
		return false
	}
	for _, arg := range p.args[1:] {
		value := arg
		if _, after, isFlag := strings.Cut(arg, "="); isFlag {
			value = after
		}
		if value == h.configFile() || strings.HasPrefix(value, h.execRoot()+"/") {
			return true
		}
	}
	return false
}
