package lint

import (
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"example.com/stagecraft/internal/dockerfile"
	"example.com/stagecraft/internal/finding"
	"example.com/stagecraft/internal/shell"
)

var pipefail = &rule{Rule: finding.Rule{
	Key:      "pipefail",
	Practice: "A download that fails in a pipe ends the build.",
	Why: "The status of a pipe is that of its last command: if curl fails, the next command gets nothing or half a file, may " +
		"succeed with it, and the layer is cached.",
	Source: "https://docs.docker.com/build/building/best-practices/#using-pipes",
	Fix: "Write SHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"] above the RUN; Alpine's sh knows `set -o pipefail`. Or download to a " +
		"file and read that. A download that sha256sum checks in the same RUN is ignored, because half a file fails the check.",
	Bad:  "FROM debian:trixie-slim AS build\nRUN curl -fsSL https://example.com/tool-1.2.tgz | tar xz -C /opt\n",
	Good: "FROM debian:trixie-slim AS build\nSHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]\nRUN curl -fsSL https://example.com/tool-1.2.tgz | tar xz -C /opt\n",
}, check: func(d *Dockerfile, found atLine) {
	set := map[*dockerfile.Stage]bool{} // SHELL at the end of a stage
	for _, s := range d.Stages {
		inShell := set[s.Parent]
		for _, in := range s.Instructions {
			if c, ok := in.Command.(*instructions.ShellCommand); ok {
				inShell = slices.ContainsFunc(c.Shell, func(w string) bool { return strings.Contains(w, "pipefail") })
			}
			if inShell || setsPipefail(in) {
				continue
			}
			commands := d.commandsOf(in)
			for n, c := range commands {
				if isDownloader(c) && c.InPipe && !slices.ContainsFunc(commands[n+1:], isChecksum) {
					found(in.Line, "nobody notices when `"+c.String()+"` fails: the pipe has the status of "+readerOf(c), pipefailFix(s))
					break
				}
			}
		}
		set[s] = inShell
	}
}}

func isChecksum(c shell.Command) bool { return slices.Contains(checksums, c.Name) }

// setsPipefail reports whether a RUN sets the option itself, in its script or for the shell that runs it.
func setsPipefail(in dockerfile.Instruction) bool {
	run, ok := in.Command.(*instructions.RunCommand)
	return ok && (strings.Contains(strings.Join(run.CmdLine, " "), "pipefail") || strings.Contains(script(run), "pipefail"))
}

func readerOf(c shell.Command) string {
	if c.Piped == "" {
		return "its last command"
	}
	return c.Piped
}

func pipefailFix(s *dockerfile.Stage) string {
	if libcKind(baseOf(s)) == "musl" {
		return "begin the RUN with `set -o pipefail &&`"
	}
	return `write SHELL ["/bin/bash", "-o", "pipefail", "-c"] above it, or download to a file`
}
