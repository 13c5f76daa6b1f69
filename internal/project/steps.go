package project

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"example.com/stagecraft/internal/gotest"
)

// step is a part of a verb that can fail without the others losing their meaning. repeat is the command that does it again by
// itself, for failures that have no command of their own.
type step struct {
	name   string
	repeat string
	run    func(ctx context.Context) error
}

// steps runs all steps, so that one run shows all that is wrong, and writes how each of them ended, and each failure with the
// command that repeats it, the first one first. Only an interruption ends it early.
func (p Project) steps(ctx context.Context, all []step) error {
	var found []gotest.Failure
	results := tabwriter.NewWriter(p.Out, 0, 0, 2, ' ', 0)
	for i, s := range all {
		p.say("[%d/%d] %s", i+1, len(all), s.name)
		start := time.Now()
		err := s.run(ctx)
		if ctx.Err() != nil {
			return fmt.Errorf("%s: interrupted", s.name)
		}
		verdict := "ok"
		if err != nil {
			verdict = "FAILED"
			found = append(found, failures(s, err)...)
			p.say("%s failed: %v", s.name, err)
		}
		fmt.Fprintf(results, "%s\t%s\t%v\n", verdict, s.name, time.Since(start).Round(100*time.Millisecond))
	}
	fmt.Fprintln(p.Out)
	if err := results.Flush(); err != nil {
		return err
	}
	if len(found) == 0 {
		return nil
	}
	fmt.Fprintln(p.Out, "\nwhat failed, and the command that repeats it:")
	for _, f := range found {
		fmt.Fprintf(p.Out, "%s: %s\n    %s\n", f.What, f.Reason, f.Repeat)
	}
	return fmt.Errorf("failures: %d, listed above", len(found))
}

// repeatable is an error with the command that repeats what failed, for a person in the repository's root.
type repeatable struct {
	error
	command string
}

func (r repeatable) Unwrap() error { return r.error }

// failures are the single failures in the error of a step.
func failures(s step, err error) []gotest.Failure {
	if several, ok := err.(interface{ Unwrap() []error }); ok { // a list as a whole, none in a chain
		var found []gotest.Failure
		for _, one := range several.Unwrap() {
			found = append(found, failures(s, one)...)
		}
		return found
	}
	var tests gotest.Failures
	if errors.As(err, &tests) {
		return tests
	}
	var single repeatable
	if errors.As(err, &single) {
		s.repeat = single.command
	}
	first, _, _ := strings.Cut(err.Error(), "\n")
	return []gotest.Failure{{What: s.name, Reason: first, Repeat: s.repeat}}
}
