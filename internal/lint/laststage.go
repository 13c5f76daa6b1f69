package lint

import (
	"regexp"

	"example.com/stagecraft/internal/finding"
)

var lastStage = &rule{Rule: finding.Rule{
	Key:      "last-stage",
	Severity: finding.Note,
	Practice: "The last stage is the image that ships.",
	Why: "`docker build` without --target builds the last stage. Where that is for the people who work on the code, by its name, a forgotten " +
		"--target ships it; and the rules for final stages are not applied to it, so that nothing checks the image that runs.",
	Source: "https://docs.docker.com/build/building/multi-stage/#stop-at-a-specific-build-stage",
	Fix:    "Move the stage that ships to the end of the file. A file that is only for development says so in its name: Dockerfile.dev.",
	Bad:    "FROM node:24 AS runtime\nCMD [\"node\", \"server.js\"]\nFROM runtime AS dev\nCMD [\"node\", \"--watch\", \"server.js\"]\n",
	Good:   "FROM node:24 AS dev\nCMD [\"node\", \"--watch\", \"server.js\"]\nFROM node:24 AS runtime\nCMD [\"node\", \"server.js\"]\n",
}, check: func(d *Dockerfile, found atLine) {
	last := d.Final()
	if last == nil || d.Service != nil || !forDevelopers.MatchString(last.Name) || developersFile.MatchString(d.Path) {
		return
	}
	found(last.Line, "the last stage is "+last.Name+", for work on the code: the rules for final stages are not applied", "move the stage that ships to the end")
}}

var (
	forDevelopers  = regexp.MustCompile(`^(dev|debug)`)
	developersFile = regexp.MustCompile(`(?i)(^|[/._-])(dev|debug)[^/]*(/[^/]*)?$`) // or its folder
)
