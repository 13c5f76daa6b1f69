package lint

import (
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"example.com/stagecraft/internal/dockerfile"
	"example.com/stagecraft/internal/finding"
	"example.com/stagecraft/internal/shell"
)

var libc = &rule{Rule: finding.Rule{
	Key:      "libc",
	Severity: finding.Error,
	Practice: "What is compiled or installed for one C library runs with the same one.",
	Why: "A program or wheel built on Debian needs glibc; Alpine has musl. There, a program fails with `not found` although the " +
		"file exists, and a wheel with an import error at the first request that needs it.",
	Source: "https://peps.python.org/pep-0656/#rationale",
	Fix:    "Use the same family for builder and runtime, or link statically: CGO_ENABLED=0 for Go, a musl target for C and Rust.",
	Bad:    "FROM python:3.13-slim AS build\nRUN pip install --target=/install -r requirements.txt\nFROM python:3.13-alpine AS runtime\nCOPY --from=build /install /usr/local/lib/python3.13/site-packages\n",
	Good:   "FROM python:3.13-slim AS build\nRUN pip install --target=/install -r requirements.txt\nFROM python:3.13-slim AS runtime\nCOPY --from=build /install /usr/local/lib/python3.13/site-packages\n",
}, check: func(d *Dockerfile, found atLine) {
	for _, s := range d.final() {
		to := libcKind(baseOf(s))
		if to == "" {
			continue
		}
		for _, in := range s.Instructions {
			c, ok := in.Command.(*instructions.CopyCommand)
			if !ok || c.From == "" {
				continue
			}
			from := d.Stage(c.From, s.Index)
			if from == nil {
				continue
			}
			kind := libcKind(baseOf(from))
			if kind == "" || kind == to {
				continue
			}
			if made := d.makesNative(from, c.SourcePaths); made != "" {
				found(in.Line, strings.Join(c.SourcePaths, " ")+" comes from "+kind+" ("+made+" in stage "+from.Title()+") and is put into an image with "+to,
					"build both stages from one family, or link statically")
			}
		}
	}
}}

// makesNative names the command of a stage by which paths of it hold code for its C library, or is "".
func (d *Dockerfile) makesNative(s *dockerfile.Stage, paths []string) string {
	made, static := "", false
	for _, stage := range s.Lineage() {
		for _, in := range stage.Instructions {
			if env, ok := in.Command.(*instructions.EnvCommand); ok {
				static = static || slices.ContainsFunc(env.Env, func(e instructions.KeyValuePair) bool { return e.Key == "CGO_ENABLED" && unquoted(e.Value) == "0" })
			}
			for _, c := range d.commandsOf(in) {
				if isStatic(c) {
					static = true
				}
				if by := nativeBuilder(c, paths); by != "" && made == "" {
					made = by
				}
			}
		}
	}
	if static && made != "pip" && made != "npm" {
		return ""
	}
	return made
}

func isStatic(c shell.Command) bool {
	words := strings.Join(append(append([]string{}, c.Env...), c.Args...), " ")
	return strings.Contains(words, "CGO_ENABLED=0") || strings.Contains(words, "-static") || strings.Contains(words, "musl") ||
		strings.Contains(words, "static ") && c.Name == "make"
}

// nativeBuilder names what a command makes for its C library, given which paths are copied.
func nativeBuilder(c shell.Command, paths []string) string {
	switch title := shell.Manager(c); {
	case title == "pip" || title == "uv" && c.Has("sync", "install"):
		if slices.ContainsFunc(paths, isPythonInstall) {
			return "pip"
		}
	case title == "npm" || title == "yarn" || title == "pnpm":
		if slices.ContainsFunc(paths, func(p string) bool { return strings.Contains(p, "node_modules") }) {
			return "npm"
		}
	case c.Name == "go" && c.Verb() == "build":
		if o := outputOf(c); o != "" && !slices.ContainsFunc(c.Args, func(a string) bool { return a == "-buildmode=plugin" }) && copied(paths, o) {
			return "go build with cgo"
		}
	case c.Name == "gcc" || c.Name == "cc" || c.Name == "g++" || c.Name == "clang":
		if o := outputOf(c); o != "" && copied(paths, o) {
			return c.Name
		}
	case c.Name == "cargo" && c.Verb() == "build":
		if slices.ContainsFunc(paths, func(p string) bool { return strings.Contains(p, "/release/") }) {
			return "cargo build"
		}
	}
	return ""
}

func isPythonInstall(p string) bool {
	return strings.Contains(p, "site-packages") || strings.Contains(p, "venv") || strings.HasPrefix(p, "/install") ||
		strings.HasPrefix(p, "/root/.local") || strings.Contains(p, "wheels")
}

func outputOf(c shell.Command) string {
	if i := slices.Index(c.Args, "-o"); i >= 0 && i+1 < len(c.Args) {
		return c.Args[i+1]
	}
	return ""
}

// copied reports whether one of the paths copied is that output, by its last part.
func copied(paths []string, output string) bool {
	return slices.ContainsFunc(paths, func(p string) bool { return path.Base(p) == path.Base(output) })
}
