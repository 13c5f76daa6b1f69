// Package audit checks images against practices.
package audit

import (
	"slices"

	"example.com/stagecraft/internal/finding"
)

// rule is a rule for images and how it is checked.
type rule struct {
	finding.Rule
	check func(i *Image, found atPath)
}

// atPath reports what is wrong with a path of an image, "" for the whole image, and the edit or command that fixes it.
type atPath func(path, what, fix string, details ...string)

// checks are the rules in the order of the documentation.
var checks = []*rule{arch, loads, lean, privilege, config, attributable, size}

// Rules are the rules for images.
var Rules = func() (all finding.Rules) {
	for _, c := range checks {
		all = append(all, &c.Rule)
	}
	return all
}()

// newReport is a report on no image yet.
func newReport() finding.Report {
	return finding.Report{Noun: "image", Rules: slices.Concat(Rules, finding.Rules{finding.WaiverRule})}
}
