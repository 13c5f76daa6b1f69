package engine

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// halt ends every process of this home and takes its mounts and stale files
// away, so that a start finds a clean place whatever happened before.
func (h Home) halt(grace time.Duration) {
	if pid := h.find("dockerd"); pid != 0 {
		end(pid, grace)
	}
	h.endContainers()
	if pid := h.find("containerd"); pid != 0 {
		end(pid, 5*time.Second)
	}
	h.unmount()
	os.Remove(h.pidFile())
	os.Remove(h.socket())
	// Through a mount, this would delete what belongs to somebody else.
	if left, err := h.mounts(); err == nil && len(left) == 0 {
		os.RemoveAll(h.execRoot())
	}
}

// endContainers ends the containers that outlived dockerd.
func (h Home) endContainers() {
	runc := filepath.Join(h.programs(), cmp.Or(h.readState().Set, setKey()), "runc")
	for _, p := range h.owned() {
		if p.name() != "containerd-shim-runc-v2" {
			continue
		}
		if id := p.flag("-id"); id != "" {
			root := filepath.Join(h.execRoot(), "runtime-runc", p.flag("-namespace"))
			// A container that is gone already is as good.
			_ = exec.Command(runc, "--root", root, "delete", "--force", id).Run()
		}
		end(p.pid, time.Second)
	}
}

// unmount takes down what is mounted below the folder, the deepest first.
func (h Home) unmount() {
	points, _ := h.mounts()
	for _, point := range points {
		_ = syscall.Unmount(point, syscall.MNT_DETACH) // may have gone with the one above
	}
}

// mountinfo is the kernel's list of what is mounted, at paths without links.
var mountinfo = "/proc/self/mountinfo"

// mounts lists what is mounted below the folder, the deepest first.
func (h Home) mounts() ([]string, error) {
	data, err := os.ReadFile(mountinfo)
	if err != nil {
		return nil, fmt.Errorf("listing what is mounted: %w", err)
	}
	return mountsBelow(string(data), string(h)), nil
}
