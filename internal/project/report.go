package project

import (
	"errors"

	"example.com/stagecraft/internal/rules"
)

// report writes what rules found; findings are an error.
func (p Project) report(report rules.Report) error {
	if err := report.Write(p.Out, rules.StyleFor(p.Out)); err != nil {
		return err
	}
	if !report.OK() {
		return errors.New("rules are broken, see above")
	}
	return nil
}
