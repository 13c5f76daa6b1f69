package rules

import (
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"mvdan.cc/sh/v3/syntax"

	"example.com/stagecraft/internal/dockerfile"
)

// command is one simple command of a RUN, as far as it can be known without running it: variables stand as $NAME.
type command struct {
	name   string   // of the program, without its folder
	args   []string // after the name
	env    []string // NAME=VALUE in front of it
	writes []string // files that its output goes to
	piped  string   // the program that reads its output, if one does
	inPipe bool     // its output goes through a pipe, to piped if that is known
	quoted []bool   // for each of args: some of it stands in quotes
}

// has reports whether one of the words is among the arguments.
func (c command) has(words ...string) bool {
	return slices.ContainsFunc(c.args, func(a string) bool { return slices.Contains(words, a) })
}

// hasPrefix reports whether an argument begins with one of the prefixes.
func (c command) hasPrefix(prefixes ...string) bool {
	return slices.ContainsFunc(c.args, func(a string) bool {
		return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(a, p) })
	})
}

// values are what a flag is set to, by = or by the next word.
func (c command) values(flag string) []string {
	var all []string
	for i, a := range c.args {
		if value, ok := strings.CutPrefix(a, flag+"="); ok {
			all = append(all, value)
		} else if a == flag && i+1 < len(c.args) {
			all = append(all, c.args[i+1])
		}
	}
	return all
}

// verb is the first argument that is no flag: install in `apt-get -y install curl`.
func (c command) verb() string {
	if rest := c.operands(); len(rest) > 0 {
		return rest[0]
	}
	return ""
}

// operands are the arguments that are neither flags nor their values.
func (c command) operands() []string {
	var rest []string
	withValue := takeValue(c.name)
	isValue := false
	for _, a := range c.args {
		switch {
		case isValue:
			isValue = false
		case strings.HasPrefix(a, "-"):
			isValue = slices.Contains(withValue, a)
		case c.name == "cargo" && strings.HasPrefix(a, "+"): // a toolchain
		default:
			rest = append(rest, a)
		}
	}
	return rest
}

// String is the command in short, for a message.
func (c command) String() string {
	s := strings.Join(append([]string{c.name}, c.args...), " ")
	if len(s) > 60 {
		s = strings.ToValidUTF8(s[:57], "") + "..."
	}
	return strings.Join(strings.Fields(s), " ")
}

// shells are the programs whose language is understood here.
var shells = []string{"sh", "bash", "ash", "dash", "ksh", "zsh", "busybox"}

// commandsOf are the commands of a RUN in a stage, in order. What cannot be understood, such as PowerShell, has none.
func (d *Dockerfile) commandsOf(in dockerfile.Instruction) []command {
	run, ok := in.Command.(*instructions.RunCommand)
	if !ok {
		return nil
	}
	if cached, ok := d.commands[run]; ok {
		return cached
	}
	if d.commands == nil {
		d.commands = map[*instructions.RunCommand][]command{}
		d.findShells()
	}
	var all []command
	switch {
	case d.foreign[run]:
	case !run.PrependShell:
		all = unwrap(command{args: run.CmdLine}, 0)
	default:
		all = parseShell(script(run), 0)
	}
	d.commands[run] = all
	return all
}

// isScript reports whether a heredoc is what a shell runs: on its own, or as the input of a shell, as in `<<EOT bash -e`.
func isScript(words []string) bool {
	heredoc := slices.IndexFunc(words, func(w string) bool { return strings.HasPrefix(w, "<<") && len(w) > 2 })
	if heredoc < 0 {
		return false
	}
	rest := slices.Delete(slices.Clone(words), heredoc, heredoc+1)
	if len(rest) > 0 && path.Base(rest[0]) == "env" {
		rest = rest[1:]
	}
	if len(rest) == 0 {
		return true
	}
	if !slices.Contains(shells, path.Base(rest[0])) {
		return false
	}
	for i, w := range rest[1:] { // an operand is the script, and the heredoc its input
		if isValue := strings.HasPrefix(rest[i], "-") && strings.HasSuffix(rest[i], "o"); w != "-" && !isValue && !strings.HasPrefix(w, "-") || runsText(w) {
			return false
		}
	}
	return true
}

// script is what the shell of a RUN gets. A heredoc that a shell runs is the script; one behind another command is that command's input.
func script(run *instructions.RunCommand) string {
	text := strings.Join(run.CmdLine, " ")
	if len(run.Files) == 1 && isScript(strings.Fields(text)) {
		return run.Files[0].Data
	}
	for _, file := range run.Files {
		text += "\n" + file.Data + file.Name
	}
	return text
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
				foreign = len(c.Shell) > 0 && !slices.Contains(shells, path.Base(c.Shell[0]))
			case *instructions.RunCommand:
				d.foreign[c] = foreign
			}
		}
		ends[s] = foreign
	}
}

// maxScript is far above what a RUN holds. The shell parser recurses into each bracket: a long enough row of them would end
// the program, because a stack that is used up cannot be recovered from.
const maxScript = 64 << 10

// maxDepth bounds scripts that hold scripts: sh -c "sh -c ...".
const maxDepth = 3

func parseShell(script string, depth int) (all []command) {
	// The parser is meant for scripts that run; some of what Dockerfiles hold never does.
	defer func() {
		if recover() != nil {
			all = nil
		}
	}()
	if len(script) > maxScript {
		return nil
	}
	// Heredoc scripts may begin with a line that names their interpreter.
	if first, _, _ := strings.Cut(script, "\n"); strings.HasPrefix(first, "#!") && !namesShell(first) {
		return nil
	}
	file, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(script), "")
	if err != nil {
		return nil
	}
	readers := map[*syntax.Stmt]string{}
	inPipe := map[*syntax.Stmt]bool{}
	syntax.Walk(file, func(node syntax.Node) bool {
		switch n := node.(type) {
		case *syntax.BinaryCmd:
			if n.Op == syntax.Pipe || n.Op == syntax.PipeAll {
				readers[lastOf(n.X)] = nameOf(n.Y)
				inPipe[lastOf(n.X)] = true
			}
		case *syntax.Stmt:
			if call, ok := n.Cmd.(*syntax.CallExpr); ok {
				c := commandFrom(call)
				c.piped, c.inPipe = readers[n], inPipe[n]
				if by, from := scriptOf(call); from != nil {
					readers[from] = by
				}
				for _, r := range n.Redirs {
					if r.Op == syntax.RdrOut || r.Op == syntax.AppOut || r.Op == syntax.RdrAll {
						target, _ := textOf(r.Word)
						c.writes = append(c.writes, target)
					}
				}
				all = append(all, unwrap(c, depth)...)
			}
		}
		return true
	})
	return all
}

func namesShell(shebang string) bool {
	words := strings.Fields(strings.TrimPrefix(shebang, "#!"))
	return len(words) > 0 && slices.Contains(shells, path.Base(words[len(words)-1])) ||
		len(words) > 1 && slices.Contains(shells, path.Base(words[0]))
}

// lastOf is the statement of a pipe's left side whose output is piped.
func lastOf(s *syntax.Stmt) *syntax.Stmt {
	for s != nil {
		b, ok := s.Cmd.(*syntax.BinaryCmd)
		if !ok {
			return s
		}
		s = b.Y
	}
	return nil
}

// scriptOf is the statement whose output a call runs, and the shell that it gives it to: sh -c "$(curl ...)",
// bash <(curl ...), eval "$(curl ...)".
func scriptOf(call *syntax.CallExpr) (by string, from *syntax.Stmt) {
	all := unwrap(commandFrom(call), maxDepth)
	if len(all) == 0 || !slices.Contains(append([]string{"eval", "source", "."}, shells...), all[0].name) {
		return "", nil
	}
	by, before := all[0].name, ""
	for _, w := range call.Args[len(call.Args)-len(all[0].args):] {
		text, _ := textOf(w)
		if strings.HasPrefix(text, "-") || strings.HasPrefix(before, "-") && strings.HasSuffix(before, "o") {
			before = text // a flag, or the value of one: -euo pipefail
			continue
		}
		return by, lastOf(substituted(w, by == "eval" || runsText(before)))
	}
	return "", nil
}

// substituted is the last statement of a word that is nothing but its output: as text, $(...), or else as a file, <(...).
func substituted(w *syntax.Word, isText bool) *syntax.Stmt {
	parts := w.Parts
	if len(parts) == 1 {
		if q, ok := parts[0].(*syntax.DblQuoted); ok {
			parts = q.Parts
		}
	}
	if len(parts) != 1 {
		return nil
	}
	var stmts []*syntax.Stmt
	switch p := parts[0].(type) {
	case *syntax.CmdSubst:
		if isText {
			stmts = p.Stmts
		}
	case *syntax.ProcSubst:
		if !isText && p.Op == syntax.CmdIn {
			stmts = p.Stmts
		}
	}
	if len(stmts) == 0 {
		return nil
	}
	return stmts[len(stmts)-1]
}

func nameOf(s *syntax.Stmt) string {
	for s != nil {
		switch c := s.Cmd.(type) {
		case *syntax.CallExpr:
			if all := unwrap(commandFrom(c), maxDepth); len(all) > 0 {
				return all[0].name
			}
			return ""
		case *syntax.BinaryCmd:
			s = c.X
		default:
			return ""
		}
	}
	return ""
}

func commandFrom(call *syntax.CallExpr) command {
	var c command
	for _, a := range call.Assigns {
		if a.Name == nil {
			continue
		}
		value := ""
		if a.Value != nil {
			value, _ = textOf(a.Value)
		}
		c.env = append(c.env, a.Name.Value+"="+value)
	}
	for _, w := range call.Args {
		text, quoted := textOf(w)
		c.args = append(c.args, text)
		c.quoted = append(c.quoted, quoted)
	}
	return c
}

// textOf is a word without its quotes; variables stand as $NAME, other expansions as $().
func textOf(w *syntax.Word) (text string, quoted bool) {
	if w == nil {
		return "", false
	}
	var b strings.Builder
	var add func(parts []syntax.WordPart)
	add = func(parts []syntax.WordPart) {
		for _, part := range parts {
			switch p := part.(type) {
			case *syntax.Lit:
				b.WriteString(p.Value)
			case *syntax.SglQuoted:
				quoted = true
				b.WriteString(p.Value)
			case *syntax.DblQuoted:
				quoted = true
				add(p.Parts)
			case *syntax.ParamExp:
				if p.Param != nil {
					b.WriteString("$" + p.Param.Value)
				}
			default:
				b.WriteString("$()")
			}
		}
	}
	add(w.Parts)
	return b.String(), quoted
}
