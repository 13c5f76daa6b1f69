package rules

import (
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

var devDependencies = &Rule{
	Key:      "dev-dependencies",
	Practice: "A JavaScript build finds its development dependencies: they are left out after it, not before.",
	Why: "The compiler and the bundler are development dependencies. `npm ci --omit=dev` followed by `npm run build` fails, or builds " +
		"with whatever version of tsc npx finds.",
	Source: "https://docs.npmjs.com/cli/v11/commands/npm-prune",
	Fix:    "npm ci, npm run build, then npm prune --omit=dev.",
	Bad:    "FROM node:24\nRUN npm ci --omit=dev\nRUN npm run build\n",
	Good:   "FROM node:24\nRUN npm ci\nRUN npm run build\nRUN npm prune --omit=dev\n",
	checkDockerfile: func(d *Dockerfile, found atLine) {
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
	},
}

// omissions are, for each folder, whether the last install in them left the development dependencies out.
type omissions map[string]bool

// note remembers an install. One where a package manager is, "", begins again.
func (o omissions) note(install command, production bool) {
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

func isNodeInstall(c command) bool {
	title := isInstall(c)
	return (title == "npm" || title == "yarn" || title == "pnpm" || title == "bun") &&
		!c.has("-g", "--global", "global") && (len(c.operands()) <= 1 || title == "yarn" && c.verb() == "workspaces")
}

func omitsDev(c command, production bool) bool {
	for _, e := range c.env {
		if name, value, _ := strings.Cut(e, "="); name == "NODE_ENV" {
			production = value == "production"
		}
	}
	if slices.Contains(c.values("--include"), "dev") || slices.Contains(c.values("--also"), "dev") || c.has("--production=false", "--prod=false") {
		return false
	}
	only := c.values("--only")
	return production || c.has("--production", "--prod", "-P", "--production=true") || slices.Contains(c.values("--omit"), "dev") ||
		slices.Contains(only, "production") || slices.Contains(only, "prod")
}

// nodeFolder is the folder or project that a package manager is told to work in, "" for where it is.
func nodeFolder(c command) string {
	for _, flag := range []string{"--prefix", "--cwd", "--dir", "-C", "--filter", "-F"} {
		if all := c.values(flag); len(all) > 0 {
			return all[0]
		}
	}
	return ""
}

func isNodeBuild(c command) bool {
	switch c.name {
	case "npm", "yarn", "pnpm", "bun":
		return slices.ContainsFunc(c.operands(), func(a string) bool { return a == "build" || strings.HasPrefix(a, "build:") })
	case "tsc", "webpack", "vite", "ng", "nest", "rollup":
		return true
	case "npx":
		return c.verb() == "tsc" || c.verb() == "webpack" || c.verb() == "vite"
	}
	return false
}
