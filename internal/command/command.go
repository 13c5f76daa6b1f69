// Package command runs other programs so that an interrupted parent leaves none of them behind.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// grace is how long an interrupted program may take to end by itself: mage leaves five seconds after Ctrl-C.
const grace = 4 * time.Second

// Command is a program with its arguments. The zero values of Dir, Env and the streams mean this process's folder and
// environment, and no stream.
type Command struct {
	Args           []string
	Dir            string
	Env            []string
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	// Group: an interruption reaches what the program started too, where the system has process groups.
	Group bool
}

// Run runs c to its end. When ctx ends, the program is interrupted, and killed if it does not end within four seconds. An
// error names the program; an *exec.ExitError is in its chain when the program ran and failed.
func (c Command) Run(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, c.Args[0], c.Args[1:]...)
	cmd.Dir, cmd.Env = c.Dir, c.Env
	cmd.Stdin, cmd.Stdout, cmd.Stderr = c.Stdin, c.Stdout, c.Stderr
	cmd.Cancel = func() error { return interrupt(cmd.Process, c.Group) }
	cmd.WaitDelay = grace
	if c.Group {
		lead(cmd)
	}
	err := cmd.Run()
	if c.Group && ctx.Err() != nil && cmd.Process != nil {
		killGroup(cmd.Process) // what is left of it
	}
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		err = errors.Join(context.Cause(ctx), err)
	}
	return fmt.Errorf("%s: %w", c, err)
}

// Output is Run with what the program wrote to its standard output.
func (c Command) Output(ctx context.Context) (string, error) {
	var out strings.Builder
	c.Stdout = &out
	err := c.Run(ctx)
	return out.String(), err
}

// String is the command as a person would type it into a POSIX shell.
func (c Command) String() string {
	words := make([]string, len(c.Args))
	for i, a := range c.Args {
		words[i] = Quote(a)
	}
	return strings.Join(words, " ")
}

// Quote makes s one word of a POSIX shell.
func Quote(s string) string {
	safe := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./:=@,+%", r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !safe(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// Env is this process's environment with changes: "NAME=value" sets, "NAME" alone removes.
func Env(changes ...string) []string {
	touched := map[string]bool{}
	var set []string
	for _, c := range changes {
		name, _, sets := strings.Cut(c, "=")
		touched[name] = true
		if sets {
			set = append(set, c)
		}
	}
	var env []string
	for _, e := range os.Environ() {
		if name, _, _ := strings.Cut(e, "="); !touched[name] {
			env = append(env, e)
		}
	}
	return append(env, set...)
}
