package project

import (
	"errors"
	"slices"

	"example.com/stagecraft/internal/audit"
	"example.com/stagecraft/internal/finding"
	"example.com/stagecraft/internal/lint"
)

// report writes what rules found; findings are an error.
func (p Project) report(report finding.Report) error {
	style, err := finding.StyleFor(p.Out, "")
	if err != nil {
		return err
	}
	policy, err := finding.FindPolicy(p.Root, slices.Concat(lint.Rules, audit.Rules))
	if err != nil {
		return err
	}
	policy.Apply(&report)
	if err := report.Write(p.Out, style); err != nil {
		return err
	}
	if !report.OK() {
		return errors.New("rules are broken, see above")
	}
	return nil
}
