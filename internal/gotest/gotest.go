// Package gotest runs `go test` and turns its events into what people want to see of it: what failed, when it fails, with the
// command that repeats just that; and what runs, while nothing else happens.
package gotest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"example.com/stagecraft/internal/command"
)

// quiet is how long tests may run on a machine with time for them without that one begins, writes or ends. There is no other
// bound: how long all of them take says more about the machine.
const quiet = 30 * time.Minute

// Run is one run of go test in a module.
type Run struct {
	Root     string   // of the repository, where a person types the command that repeats a test
	Dir      string   // of the module, relative to Root
	Module   string   // its path
	Flags    []string // of go test; neither -json nor -timeout
	Select   []string // -run and -skip, which repeating one test leaves out
	Packages []string
	Args     []string // of the tests
	Env      []string
}

// Failure is one thing that failed. Repeat is the command that does just that again.
type Failure struct {
	What   string
	Reason string // one line
	Repeat string
}

// Failures is the error of tests that failed.
//
//nolint:errname // it is a list first, and an error as a whole
type Failures []Failure

func (f Failures) Error() string {
	if len(f) == 1 {
		return f[0].What + ": " + f[0].Reason
	}
	return fmt.Sprintf("%d tests failed", len(f))
}

// Do runs the tests and writes to out. Its error is Failures if tests ran and failed, or if nothing happened for half an hour:
// an hour on a machine whose load is twice its processors.
func (r Run) Do(ctx context.Context, out io.Writer) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	d := newDisplay(out, r.repeat)
	watch := d.watch(quiet, slowness, func() { stop(errStuck) })
	err := command.Command{
		Args: r.args(), Dir: path.Join(r.Root, r.Dir), Env: r.Env, Stdout: d, Stderr: out, Group: true,
	}.Run(ctx)
	watch()
	if len(d.failures) > 0 {
		return Failures(d.failures)
	}
	return err
}

var errStuck = errors.New("nothing happened any more")

func (r Run) args() []string {
	return slices.Concat([]string{"go", "test", "-json", "-timeout=0"}, r.Flags, r.Select, r.Packages, r.arguments())
}

func (r Run) arguments() []string {
	if len(r.Args) == 0 {
		return nil
	}
	return append([]string{"-args"}, r.Args...)
}

// repeat is the command, in the repository's root, that runs one test of a package again: all of it where test is empty.
func (r Run) repeat(pkg, test string) string {
	words := []string{"go"}
	if r.Dir != "." {
		words = append(words, "-C", r.Dir)
	}
	words = append(append(words, "test"), r.Flags...)
	if test != "" {
		var levels []string
		for level := range strings.SplitSeq(test, "/") {
			levels = append(levels, "^"+regexp.QuoteMeta(level)+"$")
		}
		words = append(words, "-run="+strings.Join(levels, "/"))
	}
	where := "." + strings.TrimPrefix(pkg, r.Module)
	return command.Command{Args: slices.Concat(words, []string{where}, r.arguments())}.String()
}
