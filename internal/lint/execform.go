package lint

import (
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"example.com/stagecraft/internal/dockerfile"
	"example.com/stagecraft/internal/finding"
	"example.com/stagecraft/internal/shell"
)

var execForm = &rule{Rule: finding.Rule{
	Key:      "exec-form",
	Practice: "ENTRYPOINT, CMD and HEALTHCHECK are written as JSON lists, and no shell stands between the engine and the program.",
	Why: "Otherwise they run in /bin/sh -c: the shell is process 1, gets SIGTERM and does not pass it on, so that every stop takes " +
		"ten seconds and ends with SIGKILL. An image without a shell does not start at all.",
	Source: "https://docs.docker.com/reference/build-checks/json-args-recommended/",
	Fix:    "Write [\"PROGRAM\", \"ARGUMENT\"]. Where a shell is needed, let it end in `exec PROGRAM`.",
	Bad:    "FROM debian:trixie-slim\nCMD /server --port 8080\n",
	Good:   "FROM debian:trixie-slim\nCMD [\"/server\", \"--port\", \"8080\"]\n",
}, check: func(d *Dockerfile, found atLine) {
	if d.windows() {
		return
	}
	for _, in := range d.effective() {
		var words []string
		byShell := false
		switch c := in.Command.(type) {
		case *instructions.CmdCommand:
			words, byShell = c.CmdLine, c.PrependShell
		case *instructions.EntrypointCommand:
			words, byShell = c.CmdLine, c.PrependShell
		case *instructions.HealthCheckCommand:
			if c.Health == nil || len(c.Health.Test) < 2 {
				continue
			}
			words, byShell = c.Health.Test[1:], c.Health.Test[0] == "CMD-SHELL"
		}
		name := strings.ToUpper(in.Name())
		list := name + ` ["PROGRAM", "ARGUMENT"]`
		if name == "HEALTHCHECK" {
			list = `HEALTHCHECK CMD ["PROGRAM", "ARGUMENT"]`
		}
		switch {
		case len(words) == 0 || words[0] == "":
		case byShell:
			found(in.Line, name+" is run by a shell", "write it as a list: "+list)
		case shell.Wraps(words):
			found(in.Line, name+" starts a shell that starts the program", "name the program itself, or write `exec` in front of it")
		}
	}
}}

// effective are the last CMD, ENTRYPOINT and HEALTHCHECK of the final stage, those that count.
func (d *Dockerfile) effective() []dockerfile.Instruction {
	var all []dockerfile.Instruction
	seen := map[string]bool{}
	for _, s := range d.final() {
		for i := len(s.Instructions) - 1; i >= 0; i-- {
			in := s.Instructions[i]
			name := strings.ToLower(in.Name())
			if in.OnBuild || seen[name] || name != "cmd" && name != "entrypoint" && name != "healthcheck" {
				continue
			}
			seen[name] = true
			all = append(all, in)
		}
	}
	return all
}
