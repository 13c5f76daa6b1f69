package main

import (
	"flag"
	"fmt"
	"io"
	"strings"

	"example.com/stagecraft/internal/finding"
)

// output is what lint and audit make of a report.
type output struct {
	format, failOn, only, skip *string
	style                      finding.Style
	policy                     finding.Policy
}

func outputFlags(flags *flag.FlagSet) *output {
	return &output{
		format: flags.String("format", "", ""), failOn: flags.String("fail-on", "", ""),
		only: flags.String("only", "", ""), skip: flags.String("skip", "", ""),
	}
}

// read takes the flags, over the policy of the repository that the current folder is in.
func (o *output) read(out io.Writer) (err error) {
	if o.style, err = finding.StyleFor(out, finding.Format(*o.format)); err != nil {
		return fmt.Errorf("-format: %w", err)
	}
	if o.policy, err = finding.FindPolicy(".", rules); err != nil {
		return err
	}
	if *o.failOn != "" {
		o.policy.FailOn = finding.Severity(*o.failOn)
	}
	if *o.only != "" {
		o.policy.Only = strings.Split(*o.only, ",")
	}
	if *o.skip != "" {
		o.policy.Skip = strings.Split(*o.skip, ",")
	}
	if err := o.policy.Check(rules); err != nil {
		return fmt.Errorf("read the flags: %w", err)
	}
	return nil
}

func (o *output) write(report finding.Report, out io.Writer) error {
	o.policy.Apply(&report)
	if err := report.Write(out, o.style); err != nil {
		return err
	}
	if !report.OK() {
		return errFindings
	}
	return nil
}
