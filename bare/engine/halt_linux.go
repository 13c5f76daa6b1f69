package engine

import (
	"cmp"
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
	os.RemoveAll(h.execRoot())
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
	data, _ := os.ReadFile("/proc/self/mountinfo")
	for _, point := range mountsBelow(string(data), string(h)) {
		_ = syscall.Unmount(point, syscall.MNT_DETACH) // may have gone with the one above
	}
}
