package manifest

import (
	"path"
	"slices"
	"strings"
)

// absent are programs that developers start services with and that no image has, and what to write instead.
var absent = map[string]string{
	"npm": "what the script runs, such as [node, server.js]", "npx": "[node, FILE]", "pnpm": "what the script runs, such as [node, server.js]",
	"yarn": "what the script runs, such as [node, server.js]", "bun": "[node, FILE]",
	"uv": "[python3, -m, PACKAGE]", "poetry": "[python3, -m, PACKAGE]", "pipenv": "[python3, -m, PACKAGE]", "pdm": "[python3, -m, PACKAGE]",
	"go": "the program that it builds, such as [/NAME]",
}

// shells are there when a service's packages have one.
var shells = []string{"sh", "bash", "dash"}

// allCommands are all commands that facts give, by key.
func (c *checker) allCommands() map[string][]string {
	commands := map[string][]string{}
	for name, command := range c.service.Commands {
		commands["commands."+name] = command
	}
	if len(c.service.Command) > 0 {
		commands["command"] = c.service.Command
	}
	if len(c.service.Health.Probe) > 0 {
		commands["health.probe"] = c.service.Health.Probe
	}
	return commands
}

// commands checks that no command starts a tool of developers' machines.
func (c *checker) commands() {
	for key, command := range c.allCommands() {
		where := append(strings.Split(key, "."), "0")
		name := path.Base(command[0])
		if instead := absent[name]; instead != "" && name == command[0] {
			c.fact(key+"[0]", where, "is %s, which is not in the image; write %s", name, instead)
		}
		if slices.Contains(shells, name) && !slices.ContainsFunc(c.service.Packages, func(p string) bool { return slices.Contains(shells, p) }) {
			c.fact(key+"[0]", where, "is %s, and the image has no shell; write the program and its arguments", name)
		}
	}
}
