package project

import (
	"errors"

	"example.com/stagecraft/internal/finding"
)

// report writes what rules found; findings are an error.
func (p Project) report(report finding.Report) error {
	style, err := finding.StyleFor(p.Out, "")
	if err != nil {
		return err
	}
	if err := report.Write(p.Out, style); err != nil {
		return err
	}
	if !report.OK() {
		return errors.New("rules are broken, see above")
	}
	return nil
}
