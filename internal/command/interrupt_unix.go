//go:build unix

package command

import (
	"os"
	"os/exec"
	"syscall"
)

func interrupt(p *os.Process, group bool) error {
	if group {
		return syscall.Kill(-p.Pid, syscall.SIGINT)
	}
	return p.Signal(syscall.SIGINT)
}

// lead makes a program that is not started yet the first of a process group.
func lead(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func killGroup(p *os.Process) { _ = syscall.Kill(-p.Pid, syscall.SIGKILL) }
