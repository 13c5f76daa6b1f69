package engine

import (
	"os"
	"strconv"
	"strings"
)

// capabilities are what the kernel lets this process do.
func capabilities() uint64 {
	status, _ := os.ReadFile("/proc/self/status")
	_, after, found := strings.Cut(string(status), "CapEff:")
	line, _, _ := strings.Cut(after, "\n")
	caps, err := strconv.ParseUint(strings.TrimSpace(line), 16, 64)
	if !found || err != nil {
		return ^uint64(0) // unknown: let the work itself tell
	}
	return caps
}
