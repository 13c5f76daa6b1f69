package lint

import (
	"path"
	"slices"
	"strings"

	"example.com/stagecraft/internal/finding"
)

var tools = &rule{Rule: finding.Rule{
	Key:      "tools",
	Practice: "The final stage does not start from an image with compilers or a language's package manager.",
	Why: "Build tools are not needed at run time: npm alone is some 2,000 files with advisories of their own, and a compiler or " +
		"package manager is the first thing that an intruder looks for. A stage whose base image contains them cannot discard them.",
	Source: "https://docs.docker.com/build/building/best-practices/#create-ephemeral-containers",
	Fix: "Start FROM scratch or a base without tools, and COPY --from the builder only the interpreter, the libraries that it " +
		"loads, and the application.",
	Bad:  "FROM node:24 AS build\nRUN npm ci\nFROM node:24 AS runtime\nCOPY --from=build /app /app\n",
	Good: "FROM node:24 AS build\nRUN npm ci\nFROM gcr.io/distroless/nodejs24-debian13 AS runtime\nCOPY --from=build /app /app\n",
}, check: func(d *Dockerfile, found atLine) {
	stages := d.final()
	if !d.ships() {
		return
	}
	first := stages[len(stages)-1]
	what := toolsIn(first.Base)
	if what == "" || d.removes(what) {
		return
	}
	found(first.Line, first.Base+" brings "+what+", and the final stage keeps it", "start from a base without it and copy what runs")
}}

// toolsIn is what an official image brings for building, or "".
func toolsIn(ref string) string {
	name, tag := officialName(ref)
	switch name {
	case "node":
		return "npm"
	case "python":
		return "pip"
	case "ruby":
		return "gem"
	case "golang":
		return "go"
	case "rust":
		return "cargo"
	case "gcc":
		return "gcc"
	case "maven":
		return "mvn"
	case "gradle":
		return "gradle"
	case "composer":
		return "composer"
	case "swift":
		if strings.Contains(tag, "slim") {
			return ""
		}
		return "swiftc"
	case "openjdk", "eclipse-temurin", "amazoncorretto":
		if strings.Contains(tag, "jre") || name == "amazoncorretto" && strings.Contains(tag, "headless") {
			return ""
		}
		return "javac"
	case "buildpack-deps":
		if strings.HasSuffix(tag, "curl") || strings.HasSuffix(tag, "scm") {
			return ""
		}
		return "compilers"
	case "haskell", "elixir":
		return "compilers"
	}
	return ""
}

// isTool reports whether a path, which may end in *, is a tool or the folder that it is in; what it keeps in a cache is not.
func isTool(p, tool string) bool {
	return path.Base(strings.TrimRight(p, "/*")) == tool && !strings.Contains(p, "cache") && !strings.HasPrefix(p, "/tmp/")
}

// removes reports whether the final stage takes a tool away: rm of a path that ends in its name, or its own uninstall.
func (d *Dockerfile) removes(tool string) bool {
	for _, s := range d.final() {
		for _, in := range s.Instructions {
			for _, c := range d.commandsOf(in) {
				if c.Name == "rm" && slices.ContainsFunc(c.Operands(), func(a string) bool { return isTool(a, tool) }) {
					return true
				}
				if c.Name == tool && c.Has("uninstall") && c.Has(tool) {
					return true
				}
			}
		}
	}
	return false
}
