package lint

import (
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"example.com/stagecraft/internal/finding"
	"example.com/stagecraft/internal/shell"
)

var devServer = &rule{Rule: finding.Rule{
	Key:      "dev-server",
	Practice: "What the image starts is a server for production.",
	Why: "Development servers reload code, show stack traces or a debugger to anyone, serve one request at a time, and their own " +
		"documentation says not to use them in production.",
	Source: "https://flask.palletsprojects.com/en/stable/deploying/",
	Fix:    "Start a production server: gunicorn or uvicorn without --reload for Python, the built files under node for JavaScript, the compiled program for Go.",
	Bad:    "FROM python:3.13-slim\nCMD [\"flask\", \"run\", \"--host=0.0.0.0\"]\n",
	Good:   "FROM python:3.13-slim\nCMD [\"gunicorn\", \"--bind=0.0.0.0:5000\", \"app:create_app()\"]\n",
}, check: func(d *Dockerfile, found atLine) {
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
}}

// started are the commands of an ENTRYPOINT or CMD.
func started(line instructions.ShellDependantCmdLine) []shell.Command {
	if line.PrependShell {
		return shell.Parse(strings.Join(line.CmdLine, " "))
	}
	return shell.Words(line.CmdLine)
}

// developmentServer names the development server that a command is, or is "".
func developmentServer(c shell.Command) string {
	name, args := c.Name, c.Args
	if m := c.PythonModule(); m != "" {
		name, args = m, args[2:]
	}
	inner := shell.Command{Name: name, Args: args}
	first := inner.Verb()
	switch {
	case name == "flask" && inner.Has("run"):
		return "flask run"
	case strings.HasPrefix(name, "python") && inner.Has("runserver"), name == "manage.py" && inner.Has("runserver"):
		return "manage.py runserver"
	case (name == "uvicorn" || name == "gunicorn" || name == "hypercorn") && inner.Has("--reload"):
		return name + " --reload"
	case name == "fastapi" && first == "dev":
		return "fastapi dev"
	case name == "nodemon", name == "webpack-dev-server", name == "ts-node-dev", name == "react-scripts" && first == "start":
		return name
	case name == "next" && first == "dev", name == "vite" && (first == "" || first == "dev"), name == "ng" && first == "serve":
		return strings.TrimSpace(name + " " + first)
	case (name == "npm" || name == "pnpm" || name == "yarn") && (inner.Has("dev") || inner.Has("start:dev")):
		return name + " run dev"
	case name == "go" && first == "run":
		return "go run"
	case name == "php" && inner.Has("-S"):
		return "php -S"
	case name == "air" && len(args) == 0:
		return "air"
	}
	return ""
}
