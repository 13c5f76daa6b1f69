package lint

import (
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"example.com/stagecraft/internal/dockerfile"
	"example.com/stagecraft/internal/shell"
)

// commandsOf are the commands of a RUN in a stage, in order. What cannot be understood, such as PowerShell, has none.
func (d *Dockerfile) commandsOf(in dockerfile.Instruction) []shell.Command {
	run, ok := in.Command.(*instructions.RunCommand)
	if !ok {
		return nil
	}
	if cached, ok := d.commands[run]; ok {
		return cached
	}
	if d.commands == nil {
		d.commands = map[*instructions.RunCommand][]shell.Command{}
	}
	var all []shell.Command
	switch {
	case d.isForeign(run):
	case !run.PrependShell:
		all = shell.Words(run.CmdLine)
	default:
		all = shell.Parse(script(run))
	}
	d.commands[run] = all
	return all
}

// script is what the shell of a RUN gets: the heredoc, where the RUN is nothing else, or the words with what they read.
func script(run *instructions.RunCommand) string {
	text := strings.Join(run.CmdLine, " ")
	if len(run.Files) == 1 && strings.HasPrefix(text, "<<") && !strings.ContainsAny(text, " \t") {
		return run.Files[0].Data
	}
	for _, file := range run.Files {
		text += "\n" + file.Data + file.Name
	}
	return text
}

// isForeign reports whether a RUN is not for a shell that is understood.
func (d *Dockerfile) isForeign(run *instructions.RunCommand) bool {
	if d.foreign == nil {
		d.findShells()
	}
	return d.foreign[run]
}

// findShells notes the RUNs that are not for a shell that is understood.
func (d *Dockerfile) findShells() {
	d.foreign = map[*instructions.RunCommand]bool{}
	ends := map[*dockerfile.Stage]bool{}
	for _, s := range d.Stages {
		foreign := ends[s.Parent] || d.Escape == '`' || strings.Contains(s.Base, "windows")
		for _, in := range s.Instructions {
			switch c := in.Command.(type) {
			case *instructions.ShellCommand:
				foreign = len(c.Shell) > 0 && !slices.Contains(shell.Names, path.Base(c.Shell[0]))
			case *instructions.RunCommand:
				d.foreign[c] = foreign
			}
		}
		ends[s] = foreign
	}
}
