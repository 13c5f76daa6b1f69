package lint

import (
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"example.com/stagecraft/internal/finding"
	"example.com/stagecraft/internal/shell"
)

var devDependencies = &rule{Rule: finding.Rule{
	Key:      "dev-dependencies",
	Practice: "A JavaScript build has its development dependencies: they are removed after it, not before.",
	Why: "The compiler and the bundler are development dependencies. After `npm ci --omit=dev`, `npm run build` fails, or builds " +
		"with whatever version of tsc npx finds.",
	Source: "https://docs.npmjs.com/cli/v11/commands/npm-prune",
	Fix:    "npm ci, npm run build, then npm prune --omit=dev.",
	Bad:    "FROM node:24\nRUN npm ci --omit=dev\nRUN npm run build\n",
	Good:   "FROM node:24\nRUN npm ci\nRUN npm run build\nRUN npm prune --omit=dev\n",
}, check: func(d *Dockerfile, found atLine) {
	for _, s := range d.Stages {
		production, omitted := false, omissions{} // production: NODE_ENV of the stage
		lineage := s.Lineage()
		for i := len(lineage) - 1; i >= 0; i-- {
			for _, in := range lineage[i].Instructions {
				if env, ok := in.Command.(*instructions.EnvCommand); ok {
					for _, e := range env.Env {
						if e.Key == "NODE_ENV" {
							production = unquoted(e.Value) == "production"
						}
					}
				}
				for _, c := range d.commandsOf(in) {
					switch {
					case isNodeInstall(c):
						omitted.note(c, production)
					case i == 0 && isNodeBuild(c) && omitted.in(nodeFolder(c)):
						found(in.Line, "`"+c.String()+"` runs after the development dependencies were left out",
							"install all, build, then leave them out: npm prune --omit=dev")
					}
				}
			}
		}
	}
}}

// omissions are, for each folder, whether the last install in them left the development dependencies out.
type omissions map[string]bool

// note remembers an install. One where a package manager is, "", begins again.
func (o omissions) note(install shell.Command, production bool) {
	where := nodeFolder(install)
	if where == "" {
		clear(o)
	}
	o[where] = omitsDev(install, production)
}

func (o omissions) in(folder string) bool {
	if omitted, known := o[folder]; known {
		return omitted
	}
	return o[""]
}

func isNodeInstall(c shell.Command) bool {
	title := shell.Manager(c)
	return (title == "npm" || title == "yarn" || title == "pnpm" || title == "bun") &&
		!c.Has("-g", "--global", "global") && (len(c.Operands()) <= 1 || title == "yarn" && c.Verb() == "workspaces")
}

func omitsDev(c shell.Command, production bool) bool {
	for _, e := range c.Env {
		if name, value, _ := strings.Cut(e, "="); name == "NODE_ENV" {
			production = value == "production"
		}
	}
	if slices.Contains(c.Values("--include"), "dev") || slices.Contains(c.Values("--also"), "dev") || c.Has("--production=false", "--prod=false") {
		return false
	}
	only := c.Values("--only")
	return production || c.Has("--production", "--prod", "-P", "--production=true") || slices.Contains(c.Values("--omit"), "dev") ||
		slices.Contains(only, "production") || slices.Contains(only, "prod")
}

// nodeFolder is the folder or project that a package manager is told to work in, "" for where it is.
func nodeFolder(c shell.Command) string {
	for _, flag := range []string{"--prefix", "--cwd", "--dir", "-C", "--filter", "-F"} {
		if all := c.Values(flag); len(all) > 0 {
			return all[0]
		}
	}
	return ""
}

func isNodeBuild(c shell.Command) bool {
	switch c.Name {
	case "npm", "yarn", "pnpm", "bun":
		return slices.ContainsFunc(c.Operands(), func(a string) bool { return a == "build" || strings.HasPrefix(a, "build:") })
	case "tsc", "webpack", "vite", "ng", "nest", "rollup":
		return true
	case "npx":
		return c.Verb() == "tsc" || c.Verb() == "webpack" || c.Verb() == "vite"
	}
	return false
}
