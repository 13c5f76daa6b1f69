package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"example.com/stagecraft/internal/dockerfile"
	"example.com/stagecraft/internal/finding"
	"example.com/stagecraft/internal/shell"
)

var toolchain = &rule{Rule: finding.Rule{
	Key:      "toolchain",
	Practice: "What is the same for all platforms is installed above ARG TARGETARCH.",
	Why: "Below the line ARG TARGETARCH, the environment of a RUN is different for each platform, so it runs once for each. A " +
		"toolchain installed there is downloaded once for each platform, and so is every dependency.",
	Source: "https://docs.docker.com/build/building/multi-platform/#cross-compilation",
	Fix:    "Move ARG TARGETOS TARGETARCH to just above the first RUN that uses them, or into a stage of its own.",
	Bad:    "FROM --platform=$BUILDPLATFORM debian:trixie-slim AS build\nARG TARGETARCH\nRUN apt-get update && apt-get install -y clang lld\nRUN make ARCH=$TARGETARCH\n",
	Good:   "FROM --platform=$BUILDPLATFORM debian:trixie-slim AS build\nRUN apt-get update && apt-get install -y clang lld\nARG TARGETARCH\nRUN make ARCH=$TARGETARCH\n",
}, check: func(d *Dockerfile, found atLine) {
	for _, s := range d.Stages {
		lineage := s.Lineage()
		if !nativePlatform(lineage[len(lineage)-1].Platform) {
			continue // all of it is the platform's own
		}
		argument, line := "", 0
		for i := len(lineage) - 1; i >= 0; i-- { // arguments are inherited
			for _, in := range lineage[i].Instructions {
				if argument == "" {
					argument, line = platformArgument(in), in.Line
				}
				if argument == "" || i > 0 || mentionsPlatform(in.Text) || d.usesPlatform(in) {
					continue
				}
				for _, c := range d.commandsOf(in) {
					if title := shell.Manager(c); title != "" && !isCompile(c) {
						found(in.Line, fmt.Sprintf("%s below ARG %s (line %d) runs once for each platform and uses it in none", title, argument, line),
							"move it above that line")
						break
					}
				}
			}
		}
	}
}}

// isCompile reports whether a command compiles what is there, for the platform that its environment names.
func isCompile(c shell.Command) bool {
	return (c.Name == "go" || c.Name == "cargo") && c.Verb() == "build"
}

// platformArgument is the platform variable that an ARG brings into its stage, or "".
func platformArgument(in dockerfile.Instruction) string {
	if c, ok := in.Command.(*instructions.ArgCommand); ok {
		for _, a := range c.Args {
			if slices.Contains(platformVariables, a.Key) {
				return a.Key
			}
		}
	}
	return ""
}

// mentionsPlatform reports whether an instruction depends on the target platform: by its variables, or by tools that read them.
func mentionsPlatform(text string) bool {
	return strings.Contains(text, "TARGET") || strings.Contains(text, "xx-")
}

// usesPlatform reports whether a RUN's heredoc does.
func (d *Dockerfile) usesPlatform(in dockerfile.Instruction) bool {
	run, ok := in.Command.(*instructions.RunCommand)
	return ok && slices.ContainsFunc(run.Files, func(f instructions.ShellInlineFile) bool { return mentionsPlatform(f.Data) })
}
