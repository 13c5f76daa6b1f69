package lint

import (
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"example.com/stagecraft/internal/dockerfile"
	"example.com/stagecraft/internal/finding"
	"example.com/stagecraft/internal/shell"
)

var cache = &rule{Rule: finding.Rule{
	Key:      "cache",
	Practice: "Package managers run with a cache mount, and nothing keeps it empty.",
	Why: "A layer is built again from nothing when one line of the lockfile changes. A cache mount keeps what was downloaded between builds " +
		"and out of every layer. A RUN whose only purpose is to fill a layer with modules, `go mod download` or `cargo fetch`, is ignored. " +
		"A mount next to --no-cache-dir or rm -rf stays empty, and so does apt's in Debian's official images, whose docker-clean empties it.",
	Source: "https://docs.docker.com/build/cache/optimize/#use-cache-mounts",
	Fix:    "RUN --mount=type=cache,target=DIR, with the manager's own DIR; sharing=locked for apt and dnf, which lock theirs. In Debian's official images: " + aptMounts + ".",
	Bad:    "FROM node:24 AS build\nRUN npm ci\n",
	Good:   "FROM node:24 AS build\nRUN --mount=type=cache,target=/root/.npm npm ci\n",
}, check: func(d *Dockerfile, found atLine) {
	for _, s := range d.Stages {
		filled := false // modules are in a layer
		lineage := s.Lineage()
		for i := len(lineage) - 1; i >= 0; i-- {
			for _, in := range lineage[i].Instructions {
				commands := d.commandsOf(in)
				if slices.ContainsFunc(commands, fillsLayer) {
					filled = true
				}
				if i > 0 {
					continue
				}
				if hasCacheMount(in) {
					d.checkFilled(lineage, in, found)
					continue
				}
				for _, c := range commands {
					if m := downloads(c, filled); m != "" {
						found(in.Line, "`"+c.String()+"` downloads all of it again whenever its layer is built again", "write "+d.cacheFix(lineage, in, m, commands))
						break
					}
				}
			}
		}
	}
}}

// downloads names the package manager whose downloads a cache would keep, or is "".
func downloads(c shell.Command, filled bool) string {
	m := shell.Manager(c)
	restores := m == "dotnet" && c.Verb() == "restore"
	offline := c.Has("--offline", "--frozen", "-mod=vendor") && m != "uv" || shell.OnlyPrints(c)
	switch {
	case m == "" || offline || fillsLayer(c) && !restores:
		return ""
	case m == "go":
		if c.Verb() == "mod" || filled && !c.HasVersion() || slices.ContainsFunc(c.Env, func(e string) bool { return e == "GOFLAGS=-mod=vendor" }) {
			return ""
		}
	case m == "dotnet":
		if c.Has("--no-restore") || c.Verb() != "restore" && filled {
			return ""
		}
	case m == "cargo":
		if c.Has("chef") || filled {
			return ""
		}
	case m == "uv" && c.Verb() == "pip" && !c.Has("install", "sync"):
		return ""
	case (m == "apt" || m == "npm") && localOnly(c):
		return ""
	case c.Has(withoutNetwork[m]...), m == "pip" && c.Has("--no-deps") && localOnly(c):
		return ""
	}
	return m
}

// withoutNetwork are the flags that make a manager install only what is there.
var withoutNetwork = map[string][]string{
	"gem": {"--local", "-l"}, "bundler": {"--local"}, "pip": {"--no-index"}, "apk": {"--no-network"}, "apt": {"--no-download"},
	"dnf": {"-C", "--cacheonly"}, "uv": {"--offline", "--no-index"}, "maven": {"-o"},
}

// fillsLayer reports whether a command's purpose is a layer full of modules.
func fillsLayer(c shell.Command) bool {
	words := strings.Join(c.Operands(), " ")
	return c.Name == "go" && (strings.HasPrefix(words, "mod download") || strings.HasPrefix(words, "mod vendor")) ||
		c.Name == "dotnet" && c.Verb() == "restore" ||
		strings.HasSuffix(c.Name, "cargo") && (c.Verb() == "fetch" || c.Verb() == "vendor" || c.Has("chef"))
}

// localOnly reports whether all that is installed are files.
func localOnly(c shell.Command) bool {
	rest := c.Operands()
	return len(rest) > 1 && !slices.ContainsFunc(rest[1:], func(a string) bool {
		return !strings.HasPrefix(a, "/") && !strings.HasPrefix(a, "./") && !strings.HasPrefix(a, "../")
	})
}

func hasCacheMount(in dockerfile.Instruction) bool {
	run, ok := in.Command.(*instructions.RunCommand)
	return ok && slices.ContainsFunc(dockerfile.Mounts(run), func(m *instructions.Mount) bool {
		return m.Type == instructions.MountTypeCache
	})
}
