package lint

import (
	"fmt"
	"strings"

	"example.com/stagecraft/internal/dockerfile"
	"example.com/stagecraft/internal/finding"
)

var finalPlatform = &rule{Rule: finding.Rule{
	Key:      "final-platform",
	Severity: finding.Error,
	Practice: "The final stage is for the target platform, even if it starts from another stage.",
	Why: "Every stage that starts FROM a stage with --platform=$BUILDPLATFORM inherits that platform. The arm64 image then contains " +
		"programs for the builder's amd64: the build succeeds, and the container fails with `exec format error`.",
	Source: "https://docs.docker.com/build/building/multi-platform/#cross-compilation",
	Fix:    "Write --platform=$BUILDPLATFORM only for builder stages, and start the final stage from a FROM without it.",
	Bad:    "FROM --platform=$BUILDPLATFORM alpine:3.23 AS base\nFROM base AS runtime\nCOPY server /server\nENTRYPOINT [\"/server\"]\n",
	Good:   "FROM --platform=$BUILDPLATFORM golang:1.26 AS build\nFROM alpine:3.23 AS runtime\nCOPY --from=build /server /server\nENTRYPOINT [\"/server\"]\n",
}, check: func(d *Dockerfile, found atLine) {
	if !d.ships() {
		return
	}
	stages := d.final()
	root := stages[len(stages)-1]
	if !builderOnly(root) {
		return
	}
	const effect = ", so that every platform's image contains the build machine's programs"
	if len(stages) == 1 {
		found(root.Line, "the final stage is for "+root.Platform+effect, "remove --platform="+root.Platform)
		return
	}
	found(stages[0].Line, fmt.Sprintf("the final stage starts from stage %s (line %d), which is for %s%s", root.Title(), root.Line, root.Platform, effect),
		fmt.Sprintf("start it from a FROM without --platform, or remove --platform=%s in line %d", root.Platform, root.Line))
}}

// builderOnly reports whether an image is always the build machine's. BuildKit ignores the flag for scratch.
func builderOnly(root *dockerfile.Stage) bool {
	return !root.Scratch() && nativePlatform(root.Platform) && !strings.Contains(root.Platform, "TARGET")
}
