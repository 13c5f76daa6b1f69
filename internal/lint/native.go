package lint

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"example.com/stagecraft/internal/dockerfile"
	"example.com/stagecraft/internal/finding"
)

var native = &rule{Rule: finding.Rule{
	Key:      "native",
	Practice: "Stages that run something are for the build machine's own platform.",
	Why: "Without --platform=$BUILDPLATFORM, a builder stage runs on the target platform, under emulation if that is not the build " +
		"machine's own. Measured here, the same four images took six times as long to build, Python fifteen times; and emulators " +
		"have bugs.",
	Source: "https://docs.docker.com/build/building/multi-platform/#cross-compilation",
	Fix: "Write FROM --platform=$BUILDPLATFORM and cross-compile for $TARGETOS and $TARGETARCH. To take files from an image for the " +
		"target platform without running it, use COPY --from. A Dockerfile that uses no platform variable and belongs to no " +
		"service is assumed to be for one platform.",
	Bad:  "FROM golang:1.26 AS build\nARG TARGETARCH\nRUN GOARCH=$TARGETARCH go build -o /server .\nFROM scratch AS runtime\nCOPY --from=build /server /server\nENTRYPOINT [\"/server\"]\n",
	Good: "FROM --platform=$BUILDPLATFORM golang:1.26 AS build\nARG TARGETARCH\nRUN GOARCH=$TARGETARCH go build -o /server .\nFROM scratch AS runtime\nCOPY --from=build /server /server\nENTRYPOINT [\"/server\"]\n",
}, check: checkNative}

func checkNative(d *Dockerfile, found atLine) {
	if !d.multiPlatform() || !d.ships() {
		return
	}
	inFinal := map[*dockerfile.Stage]bool{} // copy-only's matter
	for _, s := range d.final() {
		inFinal[s] = true
		for _, in := range s.Instructions { // squashed into one layer
			if c, ok := in.Command.(*instructions.CopyCommand); ok && slices.Equal(c.SourcePaths, []string{"/"}) {
				inFinal[d.Stage(c.From, s.Index)] = true
			}
		}
	}
	needed := d.needed()
	line, first := 0, ""
	var others []string // one change, made in every stage: one finding
	for _, s := range d.Stages {
		runs := 0
		for _, in := range s.Instructions {
			if _, ok := in.Command.(*instructions.RunCommand); ok && !in.OnBuild {
				runs++
			}
		}
		lineage := s.Lineage()
		root := lineage[len(lineage)-1]
		if runs == 0 || inFinal[s] || !needed[s] || root.Scratch() || nativePlatform(root.Platform) {
			continue
		}
		if line > 0 {
			others = append(others, s.Title())
			continue
		}
		platform := "the target platform"
		if root.Platform != "" {
			platform = root.Platform
		}
		line, first = s.Line, fmt.Sprintf("stage %s runs %s on %s", s.Title(), finding.Plural(runs, "command"), platform)
	}
	if len(others) > 0 {
		first += "; so does " + strings.Join(others, ", ")
	}
	if line > 0 {
		found(line, first, "write FROM --platform=$BUILDPLATFORM and cross-compile")
	}
}

func nativePlatform(platform string) bool {
	return strings.Contains(platform, "BUILDPLATFORM") || strings.Contains(platform, "BUILDOS") || strings.Contains(platform, "BUILDARCH")
}

// platformVariables are the arguments that BuildKit sets for each platform of a build.
var platformVariables = []string{"TARGETPLATFORM", "TARGETOS", "TARGETARCH", "TARGETVARIANT"}

// platformUse is a use of a variable that differs between platforms, or a tool that reads them. An ARG that nothing uses is
// often left over.
var platformUse = regexp.MustCompile(`\$\{?(` + strings.Join(platformVariables, "|") + `|BUILDPLATFORM)\b|\bxx-\w`)

// multiPlatform reports whether the file is meant for several platforms.
func (d *Dockerfile) multiPlatform() bool {
	if d.Service != nil {
		return true
	}
	if !mentionsPlatform(string(d.data)) && !bytes.Contains(d.data, []byte("BUILDPLATFORM")) { // quicker than the expression below
		return false
	}
	for _, s := range d.Stages {
		if platformUse.MatchString(s.Platform + " " + s.Written) {
			return true
		}
		for _, in := range s.Instructions {
			if platformUse.MatchString(in.Text) {
				return true
			}
			run, ok := in.Command.(*instructions.RunCommand)
			if ok && slices.ContainsFunc(run.Files, func(f instructions.ShellInlineFile) bool { return platformUse.MatchString(f.Data) }) {
				return true
			}
		}
	}
	return false
}
