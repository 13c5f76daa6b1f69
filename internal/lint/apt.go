package lint

import (
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"example.com/stagecraft/internal/dockerfile"
	"example.com/stagecraft/internal/finding"
	"example.com/stagecraft/internal/shell"
)

var aptLeftovers = &rule{Rule: finding.Rule{
	Key:      "apt-leftovers",
	Practice: "The final stage contains neither apt's package lists nor packages that are only recommended.",
	Why: "apt also installs the packages that a package recommends, which often have several times its size. The package lists have " +
		"some 20 MB, and are out of date the next day.",
	Source: "https://docs.docker.com/build/building/best-practices/#apt-get",
	Fix: "Write apt-get install --no-install-recommends, and either `rm -rf /var/lib/apt/lists/*` in the same RUN or a cache mount " +
		"for /var/lib/apt.",
	Bad:  "FROM debian:trixie-slim\nRUN apt-get update && apt-get install -y curl\nCMD [\"curl\"]\n",
	Good: "FROM debian:trixie-slim\nRUN apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*\nCMD [\"curl\"]\n",
}, check: func(d *Dockerfile, found atLine) {
	if !d.ships() {
		return
	}
	stages, configured := d.final(), false
	for i := len(stages) - 1; i >= 0; i-- {
		for _, in := range stages[i].Instructions {
			run, ok := in.Command.(*instructions.RunCommand)
			if !ok || in.OnBuild {
				continue
			}
			configured = configured || strings.Contains(script(run), "Install-Recommends")
			commands := d.commandsOf(in)
			if n := slices.IndexFunc(commands, recommends); n >= 0 && !configured {
				found(in.Line, "`"+commands[n].String()+"` installs recommended packages too", "add --no-install-recommends")
			}
			if slices.ContainsFunc(commands, updatesLists) && !slices.ContainsFunc(commands, removesLists) && !mountsLists(run) {
				found(in.Line, "apt's package lists stay in the image", "end the RUN with `&& rm -rf /var/lib/apt/lists/*`, or mount a cache on /var/lib/apt")
			}
		}
	}
}}

// recommends reports whether a command installs more than it names.
func recommends(c shell.Command) bool {
	return shell.IsApt(c) && c.Verb() == "install" && !c.Has("--no-install-recommends") && !shell.OnlyPrints(c)
}

func updatesLists(c shell.Command) bool { return shell.IsApt(c) && c.Verb() == "update" }

func removesLists(c shell.Command) bool {
	if shell.IsApt(c) {
		return c.Verb() == "distclean" || c.Verb() == "dist-clean"
	}
	return (c.Name == "rm" || c.Name == "find") && slices.ContainsFunc(c.Args, func(a string) bool {
		return strings.HasPrefix(a, "/var/lib/apt") || strings.HasPrefix(a, "/var/lib/{")
	})
}

// mountsLists reports whether the lists lie outside the layer.
func mountsLists(run *instructions.RunCommand) bool {
	return slices.ContainsFunc(dockerfile.Mounts(run), func(m *instructions.Mount) bool {
		outside := m.Type == instructions.MountTypeCache || m.Type == instructions.MountTypeTmpfs
		return outside && m.Target != "" && emptiesFolder(m.Target, "/var/lib/apt/lists")
	})
}
