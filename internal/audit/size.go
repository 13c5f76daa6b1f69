package audit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/finding"
	"example.com/stagecraft/internal/owners"
)

var size = &rule{Rule: finding.Rule{
	Key:      "size",
	Images:   true,
	Practice: "The image is no larger than the limits in its service.yaml, unpacked and to pull.",
	Why: "Images grow by a megabyte here and there without anyone deciding it. With a limit, each increase is a decision, and the " +
		"history shows whose.",
	Source: "https://github.com/wagoodman/dive#ci-integration",
	Fix:    "Leave out what grew, or raise the limit in service.yaml in the same change, so that a reviewer sees it.",
	Bad:    "size: {linux/amd64: {unpacked: 7MB, pull: 2.8MB}}   # and the image has 7.05 MB\n",
	Good:   "size: {linux/amd64: {unpacked: 7.5MB, pull: 2.8MB}}\n",
	Needs:  finding.Service,
}, check: checkSize}

func checkSize(i *Image, found atPath) {
	platform := catalog.Platform(i.Platform())
	ceiling, declared := i.Service.Size[platform]
	if !declared {
		return
	}
	measured, err := i.Size()
	if err != nil {
		found("", "cannot be measured: "+err.Error(), "build it again")
		return
	}
	file := i.Service.Dir + "/service.yaml"
	for _, m := range []struct {
		key             string
		measured, limit catalog.Bytes
	}{
		{"unpacked", catalog.Bytes(measured.Unpacked), ceiling.Unpacked},
		{"pull", catalog.Bytes(measured.Pull), ceiling.Pull},
	} {
		if m.limit == 0 || m.measured <= m.limit {
			continue
		}
		found("", fmt.Sprintf("%s is %s, %s over its ceiling of %s", verbFor(m.key), m.measured, m.measured-m.limit, m.limit),
			fmt.Sprintf("leave out what grew, or set %s.%s to %s under size: in %s", platform, m.key, roomFor(m.measured), file),
			i.whatGrew()...)
	}
}

func verbFor(key string) string {
	if key == "pull" {
		return "what is pulled"
	}
	return "the unpacked image"
}

// roomFor is a ceiling for what was measured: two percent of room, three significant digits, in the form of service.yaml.
func roomFor(measured catalog.Bytes) string {
	unit, name := int64(1), "B"
	for _, u := range []struct {
		size int64
		name string
	}{{1e3, "kB"}, {1e6, "MB"}, {1e9, "GB"}} {
		if int64(measured) >= u.size {
			unit, name = u.size, u.name
		}
	}
	value := float64(measured) * 1.02 / float64(unit)
	decimals := 0
	if value < 100 {
		decimals = 1
	}
	if value < 10 {
		decimals = 2
	}
	text := fmt.Sprintf("%.*f", decimals, value)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text + name
}

// whatGrew lists, in lines for people, what changed since the last build, or else what is largest.
func (i *Image) whatGrew() []string {
	now := i.owners.Contributors()
	if i.Before != nil {
		if lines := changes(i.Before, now); len(lines) > 0 {
			return append([]string{"since the last build:"}, lines...)
		}
	}
	lines := []string{"largest, unpacked:"}
	for _, c := range now[:min(maxShown, len(now))] {
		lines = append(lines, fmt.Sprintf("  %10s  %s", catalog.Bytes(c.Bytes), c.Owner))
	}
	return lines
}

// changes are the contributors that grew, the most first: version changes of one package are one line.
func changes(before, now []owners.Contributor) []string {
	type change struct {
		title string
		by    int64
	}
	type key struct{ kind, name string }
	collect := func(list []owners.Contributor) (map[key]int64, map[key]string) {
		bytes, versions := map[key]int64{}, map[key]string{}
		for _, c := range list {
			k := key{c.Kind, c.Name}
			bytes[k] += c.Bytes
			versions[k] = c.Version
		}
		return bytes, versions
	}
	oldBytes, oldVersions := collect(before)
	newBytes, newVersions := collect(now)
	var all []change
	for k, n := range newBytes {
		if n <= oldBytes[k] {
			continue
		}
		title := strings.TrimSpace(k.name + " " + newVersions[k])
		_, existed := oldBytes[k]
		switch {
		case !existed:
			title += " (new)"
		case oldVersions[k] != newVersions[k]:
			title += " (was " + oldVersions[k] + ")"
		}
		all = append(all, change{title, n - oldBytes[k]})
	}
	slices.SortFunc(all, func(a, b change) int { return cmp.Or(cmp.Compare(b.by, a.by), cmp.Compare(a.title, b.title)) })
	var lines []string
	for _, c := range all[:min(maxShown, len(all))] {
		lines = append(lines, fmt.Sprintf("  %+10s  %s", "+"+catalog.Bytes(c.by).String(), c.title))
	}
	return lines
}

// offers are notes about ceilings far above what was measured.
func (i *Image) offers() []finding.Finding {
	if i.Service == nil {
		return nil
	}
	platform := catalog.Platform(i.Platform())
	ceiling, declared := i.Service.Size[platform]
	measured, err := i.Size()
	if !declared || err != nil {
		return nil
	}
	var notes []finding.Finding
	offer := func(key string, measured, limit catalog.Bytes) {
		if limit > 0 && measured*4 < limit*3 {
			notes = append(notes, finding.Finding{
				Rule: size.Key, Image: i.Name, Platform: i.Platform(),
				Message: fmt.Sprintf("%s is %s, far below its ceiling of %s", verbFor(key), measured, limit),
				Fix:     fmt.Sprintf("%s would do as %s.%s in %s/service.yaml", roomFor(measured), platform, key, i.Service.Dir),
			})
		}
	}
	offer("unpacked", catalog.Bytes(measured.Unpacked), ceiling.Unpacked)
	offer("pull", catalog.Bytes(measured.Pull), ceiling.Pull)
	return notes
}
