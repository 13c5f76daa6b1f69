package lint

import (
	_ "embed"
	"fmt"
	"regexp"
	"strings"
	"time"

	"example.com/stagecraft/internal/finding"
)

var supported = &rule{Rule: finding.Rule{
	Key:      "supported",
	Practice: "Languages and distributions in FROM still get security updates.",
	Why: "After its end of life, a version gets no more fixes: every vulnerability found from then on stays in the image, however " +
		"often it is built again.",
	Source: "https://endoflife.date/",
	Fix: "Change to a supported version. The known dates are in internal/lint/supported.txt; versions that are not listed there are " +
		"not checked.",
	Bad:  "FROM node:16-alpine3.15 AS build\n",
	Good: "FROM node:24-trixie-slim AS build\n",
}, check: func(d *Dockerfile, found atLine) {
	for _, b := range d.Bases() {
		reported := ""
		for _, v := range versionsIn(b.Ref) {
			product, _, _ := strings.Cut(v, " ")
			if end, known := endOfLife[v]; known && d.Now.After(end) && product != reported {
				reported = product
				found(b.Line, fmt.Sprintf("%s: %s has had no security updates since %s", b.Ref, v, end.Format(time.DateOnly)),
					"raise it to a supported version, see https://endoflife.date/")
			}
		}
	}
}}

//go:embed supported.txt
var supportedText string

// endOfLife has the last day of support of PRODUCT VERSION.
var endOfLife = func() map[string]time.Time {
	all := map[string]time.Time{}
	for line := range strings.Lines(supportedText) {
		words := strings.Fields(line)
		if len(words) < 3 || words[0] == "#" {
			continue
		}
		end, err := time.Parse(time.DateOnly, words[len(words)-1])
		if err != nil {
			panic("supported.txt: " + line)
		}
		for _, version := range words[1 : len(words)-1] {
			all[words[0]+" "+version] = end
		}
	}
	return all
}()

var (
	leadingVersion = regexp.MustCompile(`^v?(\d+)(?:\.(\d+))?`)
	alpineVersion  = regexp.MustCompile(`alpine-?(\d+\.\d+)`)
	debianCodename = regexp.MustCompile(`\b(trixie|bookworm|bullseye|buster|stretch|jessie|wheezy)\b`)
	ubuntuCodename = regexp.MustCompile(`\b(noble|jammy|focal|bionic|xenial|trusty)\b`)
)

// versionsIn are the products and versions that a reference names, as supported.txt writes them, the exact ones first.
func versionsIn(ref string) []string {
	name, tag := officialName(ref)
	if name == "" {
		return nil
	}
	var all []string
	if m := leadingVersion.FindStringSubmatch(tag); m != nil {
		if m[2] != "" {
			all = append(all, name+" "+m[1]+"."+m[2])
		}
		all = append(all, name+" "+m[1])
	}
	if m := alpineVersion.FindStringSubmatch(tag); m != nil {
		all = append(all, "alpine "+m[1])
	}
	if m := debianCodename.FindString(tag); m != "" {
		all = append(all, "debian "+m)
	}
	if m := ubuntuCodename.FindString(tag); m != "" {
		all = append(all, "ubuntu "+m)
	}
	return all
}
