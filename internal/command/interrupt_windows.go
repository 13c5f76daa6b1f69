package command

import "os"

// Windows has no signal that a program could answer.
func interrupt(p *os.Process) error { return p.Kill() }
