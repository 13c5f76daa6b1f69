package project

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"
)

// step is a part of a verb that can fail without the others losing their meaning.
type step struct {
	name string
	run  func(ctx context.Context) error
}

// steps runs all steps, so that one run shows all that is wrong, and writes which of them failed. Only an interruption ends
// it early.
func (p Project) steps(ctx context.Context, all []step) error {
	var failed []string
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
			failed = append(failed, s.name)
			p.say("%s failed: %v", s.name, err)
		}
		fmt.Fprintf(results, "%s\t%s\t%v\n", verdict, s.name, time.Since(start).Round(100*time.Millisecond))
	}
	fmt.Fprintln(p.Out)
	if err := results.Flush(); err != nil {
		return err
	}
	if len(failed) > 0 {
		return errors.New("failed, see above: " + strings.Join(failed, ", "))
	}
	return nil
}
