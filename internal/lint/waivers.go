package lint

import (
	"slices"
	"strings"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/finding"
)

// marker begins a waiver in a Dockerfile.
const marker = "stagecraft:"

// fromComments makes the waivers that are written in a Dockerfile.
func fromComments(d *Dockerfile) (finding.Waivers, []finding.Finding) {
	var all finding.Waivers
	var found []finding.Finding
	head := d.headEnds()
	for _, c := range d.Comments {
		text, isOurs := strings.CutPrefix(c.Text, marker)
		if !isOurs {
			continue
		}
		key, reason, _ := strings.Cut(strings.TrimSpace(text), " ")
		list, isAllow := strings.CutPrefix(key, "allow=")
		switch {
		case !isAllow:
			found = append(found, finding.Finding{
				Rule: finding.WaiverRule.Key, File: d.Path, Line: c.Line, Message: "this comment is not a waiver",
				Fix: "write `# stagecraft: allow=RULE reason`, with RULE:NAME where a name is asked for, and commas between several",
			})
			continue
		case d.Service != nil && d.Service.Dockerfile == catalog.Rendered:
			found = append(found, finding.Finding{
				Rule: finding.WaiverRule.Key, File: d.Path, Line: c.Line, Message: "a waiver in a rendered file would apply to every service",
				Fix: "write it under allow: in " + d.Service.Dir + "/service.yaml",
			})
		}
		for rule := range strings.SplitSeq(list, ",") {
			rule, name, _ := strings.Cut(rule, ":")
			w := &finding.Waiver{Rule: rule, Path: name, Reason: strings.TrimSpace(reason), File: d.Path, Line: c.Line}
			if c.Line > head {
				below := d.instructionBelow(c.Line)
				w.Covers = func(f finding.Finding) bool { return f.Line == below }
			}
			all = append(all, w)
		}
	}
	return all, slices.Clip(found)
}

// headEnds is the last blank line above the first instruction, 0 when there is none: a waiver above it is for the whole file.
func (d *Dockerfile) headEnds() int {
	lines := strings.Split(string(d.data), "\n")
	for n := min(d.firstLine()-1, len(lines)); n > 0; n-- {
		if strings.TrimSpace(lines[n-1]) == "" {
			return n
		}
	}
	return 0
}
