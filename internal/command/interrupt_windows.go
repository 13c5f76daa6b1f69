package command

import (
	"os"
	"os/exec"
)

// Windows has no signal that a program could answer.
func interrupt(p *os.Process, _ bool) error { return p.Kill() }

// Nor has it process groups.
func lead(*exec.Cmd) {}

func killGroup(*os.Process) {}
