package rules

import (
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

var devServer = &Rule{
	Key:      "dev-server",
	Practice: "What the image starts is a server for production.",
	Why: "Development servers reload code, show stack traces or a debugger to whoever asks, serve one request at a time, and say in " +
		"their own documentation not to be used for anything else.",
	Source: "https://flask.palletsprojects.com/en/stable/deploying/",
	Fix:    "Start a production server: gunicorn or uvicorn without --reload for Python, the built files under node for JavaScript, the compiled program for Go.",
	Bad:    "FROM python:3.13-slim\nCMD [\"flask\", \"run\", \"--host=0.0.0.0\"]\n",
	Good:   "FROM python:3.13-slim\nCMD [\"gunicorn\", \"--bind=0.0.0.0:5000\", \"app:create_app()\"]\n",
	checkDockerfile: func(d *Dockerfile, found atLine) {
		if !d.ships() {
			return
		}
		var entrypoint, cmd instructions.ShellDependantCmdLine
		entrypointLine, cmdLine := 0, 0
		for _, in := range d.effective() {
			switch c := in.Command.(type) {
			case *instructions.CmdCommand:
				cmd, cmdLine = c.ShellDependantCmdLine, in.Line
			case *instructions.EntrypointCommand:
				entrypoint, entrypointLine = c.ShellDependantCmdLine, in.Line
			}
		}
		report := func(line int, words instructions.ShellDependantCmdLine) {
			for _, c := range started(words) {
				if server := developmentServer(c); server != "" {
					found(line, server+" is for development", "start a server for production")
				}
			}
		}
		report(cmdLine, cmd) // an entrypoint that is a script of the image's own ends in running it
		if len(entrypoint.CmdLine) > 0 && !entrypoint.PrependShell && !cmd.PrependShell {
			entrypoint.CmdLine = slices.Concat(entrypoint.CmdLine, cmd.CmdLine)
		}
		if entrypointLine > 0 {
			report(entrypointLine, entrypoint)
		}
	},
}

// started are the commands of an ENTRYPOINT or CMD.
func started(line instructions.ShellDependantCmdLine) []command {
	if line.PrependShell {
		return parseShell(strings.Join(line.CmdLine, " "), 0)
	}
	return unwrap(command{args: line.CmdLine}, 0)
}

// developmentServer names the development server that a command is, or is "".
func developmentServer(c command) string {
	name, args := c.name, c.args
	if m := c.pythonModule(); m != "" {
		name, args = m, args[2:]
	}
	inner := command{name: name, args: args}
	first := inner.verb()
	switch {
	case name == "flask" && inner.has("run"):
		return "flask run"
	case strings.HasPrefix(name, "python") && inner.has("runserver"), name == "manage.py" && inner.has("runserver"):
		return "manage.py runserver"
	case (name == "uvicorn" || name == "gunicorn" || name == "hypercorn") && inner.has("--reload"):
		return name + " --reload"
	case name == "fastapi" && first == "dev":
		return "fastapi dev"
	case name == "nodemon", name == "webpack-dev-server", name == "ts-node-dev", name == "react-scripts" && first == "start":
		return name
	case name == "next" && first == "dev", name == "vite" && (first == "" || first == "dev"), name == "ng" && first == "serve":
		return strings.TrimSpace(name + " " + first)
	case (name == "npm" || name == "pnpm" || name == "yarn") && (inner.has("dev") || inner.has("start:dev")):
		return name + " run dev"
	case name == "go" && first == "run":
		return "go run"
	case name == "php" && inner.has("-S"):
		return "php -S"
	case name == "air" && len(args) == 0:
		return "air"
	}
	return ""
}
