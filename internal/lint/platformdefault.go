package lint

import (
	"strings"

	"example.com/stagecraft/internal/finding"
)

var platformDefault = &rule{Rule: finding.Rule{
	Key:      "platform-default",
	Severity: finding.Error,
	Practice: "The arguments that BuildKit sets for each target platform have no default.",
	Why: "The default replaces BuildKit's value: with ARG TARGETARCH=amd64, the arm64 image is built for amd64 too, and its " +
		"container fails with `exec format error`.",
	Source: "https://docs.docker.com/reference/dockerfile/#automatic-platform-args-in-the-global-scope",
	Fix:    "Write ARG TARGETARCH. For a builder that does not set it, use ${TARGETARCH:-amd64} where it is read.",
	Bad:    "FROM --platform=$BUILDPLATFORM golang:1.26 AS build\nARG TARGETARCH=amd64\nRUN GOARCH=$TARGETARCH go build -o /server .\n",
	Good:   "FROM --platform=$BUILDPLATFORM golang:1.26 AS build\nARG TARGETARCH\nRUN GOARCH=$TARGETARCH go build -o /server .\n",
}, check: func(d *Dockerfile, found atLine) {
	for _, a := range d.Arguments() {
		if value := unquoted(a.ValueString()); value != "" && !strings.Contains(value, "$") && strings.HasPrefix(a.Key, "TARGET") && setByBuildKit.MatchString(a.Key) {
			found(a.Line, a.Key+" is "+value+" on every platform", "write ARG "+a.Key)
		}
	}
}}
