package integration

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// process is what the kernel shows of a container's first process, as text.
type process struct {
	status    string // /proc/PID/status
	mountinfo string // /proc/PID/mountinfo
}

// hostProcess finds the process of a container among this machine's. It is not there when the engine is in a virtual
// machine, or this program in a container; a number alone could be somebody else's.
func hostProcess(pid int, container string) (process, bool) {
	read := func(name string) string {
		text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), name))
		if err != nil {
			return ""
		}
		return string(text)
	}
	if pid == 0 || !strings.Contains(read("cgroup"), container) {
		return process{}, false
	}
	p := process{status: read("status"), mountinfo: read("mountinfo")}
	return p, p.status != "" && p.mountinfo != ""
}

// confined lists what the process could do beyond the contract. Under emulation it is the emulator's process, which is
// confined as the service is.
func (p process) confined(tmpfs []string) []error {
	var found []error
	wrong := func(format string, args ...any) { found = append(found, fmt.Errorf(format, args...)) }

	for _, field := range []string{"Uid", "Gid"} {
		ids := strings.Fields(p.field(field))
		if len(ids) == 0 || slices.Contains(ids, "0") {
			wrong("the process runs as root: %s %v", field, ids)
		}
	}
	for _, field := range []string{"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"} {
		if mask := p.field(field); strings.Trim(mask, "0") != "" || mask == "" {
			wrong("the process has capabilities: %s %s", field, mask)
		}
	}
	if set := p.field("NoNewPrivs"); set != "1" {
		wrong("the process may gain privileges: NoNewPrivs %s", set)
	}
	writable := p.writable()
	for _, mount := range writable {
		if !slices.Contains(tmpfs, mount) && !slices.ContainsFunc(engineMounts, func(m string) bool { return mount == m || strings.HasPrefix(mount, m+"/") }) {
			wrong("the process may write below %s, which run.tmpfs does not list", mount)
		}
	}
	for _, mount := range tmpfs {
		if !slices.Contains(writable, path.Clean(mount)) {
			wrong("the process may not write below %s, which run.tmpfs lists", mount)
		}
	}
	return found
}

// engineMounts are what every container has: the kernel's interfaces, and /dev with its /dev/shm.
var engineMounts = []string{"/proc", "/sys", "/dev"}

func (p process) field(name string) string {
	for line := range strings.Lines(p.status) {
		if value, ok := strings.CutPrefix(line, name+":"); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// writable lists the mount points that are not read-only. Format: proc_pid_mountinfo(5).
func (p process) writable() []string {
	var found []string
	for line := range strings.Lines(p.mountinfo) {
		fields := strings.Fields(line)
		if len(fields) > 5 && slices.Contains(strings.Split(fields[5], ","), "rw") {
			found = append(found, fields[4])
		}
	}
	return found
}
