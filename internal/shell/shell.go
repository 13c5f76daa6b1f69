// Package shell reads shell scripts, as far as they can be known without running them.
package shell

import (
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// Command is one simple command of a RUN, as far as it can be known without running it: variables stand as $NAME.
type Command struct {
	Name   string   // of the program, without its folder
	Args   []string // after the name
	Env    []string // NAME=VALUE in front of it
	Writes []string // files that its output goes to
	Piped  string   // the program that reads its output, if one does
	InPipe bool     // its output goes through a pipe, to piped if that is known
	Quoted []bool   // for each of args: some of it stands in quotes
	Uses   []string // variables whose values stand in its arguments or its heredoc
	Input  string   // its heredoc
}

// Has reports whether one of the words is among the arguments.
func (c Command) Has(words ...string) bool {
	return slices.ContainsFunc(c.Args, func(a string) bool { return slices.Contains(words, a) })
}

// HasPrefix reports whether an argument begins with one of the prefixes.
func (c Command) HasPrefix(prefixes ...string) bool {
	return slices.ContainsFunc(c.Args, func(a string) bool {
		return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(a, p) })
	})
}

// Values are what a flag is set to, by = or by the next word.
func (c Command) Values(flag string) []string {
	var all []string
	for i, a := range c.Args {
		if value, ok := strings.CutPrefix(a, flag+"="); ok {
			all = append(all, value)
		} else if a == flag && i+1 < len(c.Args) {
			all = append(all, c.Args[i+1])
		}
	}
	return all
}

// Verb is the first argument that is no flag: install in `apt-get -y install curl`.
func (c Command) Verb() string {
	if rest := c.Operands(); len(rest) > 0 {
		return rest[0]
	}
	return ""
}

// Operands are the arguments that are neither flags nor their values.
func (c Command) Operands() []string {
	var rest []string
	withValue := takeValue(c.Name)
	isValue := false
	for _, a := range c.Args {
		switch {
		case isValue:
			isValue = false
		case strings.HasPrefix(a, "-"):
			isValue = slices.Contains(withValue, a)
		case (c.Name == "cargo" || c.Name == "xx-cargo") && strings.HasPrefix(a, "+"): // a toolchain
		default:
			rest = append(rest, a)
		}
	}
	return rest
}

// String is the command in short, for a message.
func (c Command) String() string {
	s := strings.Join(append([]string{c.Name}, c.Args...), " ")
	if len(s) > 60 {
		s = strings.ToValidUTF8(s[:57], "") + "..."
	}
	return strings.Join(strings.Fields(s), " ")
}

// Names are the programs whose language is understood here.
var Names = []string{"sh", "bash", "ash", "dash", "ksh", "mksh", "zsh", "busybox"}

// maxScript is far above what a RUN holds. The shell parser recurses into each bracket: a long enough row of them would end
// the program, because a stack that is used up cannot be recovered from.
const maxScript = 64 << 10

// maxDepth bounds scripts that hold scripts: sh -c "sh -c ...".
const maxDepth = 3

// Parse is the commands of a script in order, none when it cannot be understood.
func Parse(script string) []Command { return parse(script, 0) }

// Words is the commands that the words of one run, as execve would take them.
func Words(words []string) []Command { return unwrap(Command{Args: words}, 0) }

func parse(script string, depth int) (all []Command) {
	file := syntaxOf(script)
	if file == nil {
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
			var c Command
			switch cmd := n.Cmd.(type) {
			case *syntax.CallExpr:
				c = commandFrom(cmd)
				if by, from := scriptOf(cmd); from != nil {
					readers[from] = by
				}
			case *syntax.DeclClause:
				c = Command{Args: []string{cmd.Variant.Value}, Env: assignments(cmd.Args)}
			default:
				return true
			}
			c.Piped, c.InPipe = readers[n], inPipe[n]
			for _, r := range n.Redirs {
				switch r.Op {
				case syntax.RdrOut, syntax.AppOut, syntax.RdrAll:
					target, _ := textOf(r.Word)
					c.Writes = append(c.Writes, target)
				case syntax.Hdoc, syntax.DashHdoc:
					if r.Hdoc != nil { // not empty
						text := script[r.Hdoc.Pos().Offset():r.Hdoc.End().Offset()]
						c.Input = text[:strings.LastIndexByte(text, '\n')+1] // without the word that ends it
						c.Uses = append(c.Uses, usedIn(r.Hdoc)...)
					}
				}
			}
			commands := unwrap(c, depth)
			all = append(all, commands...)
			if c.Input != "" && depth < maxDepth && slices.ContainsFunc(commands, runsInput) {
				all = append(all, parse(c.Input, depth+1)...)
			}
		}
		return true
	})
	return all
}

// runsInput reports whether a command's heredoc is a script: of a shell that gets no other, or of one behind `cat <<EOT |`.
func runsInput(c Command) bool {
	if c.Name == "cat" && len(c.Args) == 0 {
		return slices.Contains(Names, c.Piped)
	}
	if !slices.Contains(runText, c.Name) {
		return false
	}
	before := ""
	for _, a := range c.Args {
		isValue := strings.HasPrefix(before, "-") && strings.HasSuffix(before, "o") // -eo pipefail
		if !isValue && !strings.HasPrefix(a, "-") && c.Name != "su" {
			return false
		}
		before = a
	}
	return true
}

// syntaxOf is the syntax of a script, nil when it is too long, in another language or wrong.
func syntaxOf(script string) (file *syntax.File) {
	// The parser is meant for scripts that run; some of what Dockerfiles hold never does.
	defer func() {
		if recover() != nil {
			file = nil
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
	return file
}

func namesShell(shebang string) bool {
	words := strings.Fields(strings.TrimPrefix(shebang, "#!"))
	return len(words) > 0 && slices.Contains(Names, path.Base(words[len(words)-1])) ||
		len(words) > 1 && slices.Contains(Names, path.Base(words[0]))
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
	if len(all) == 0 || !slices.Contains(append([]string{"eval", "source", "."}, Names...), all[0].Name) {
		return "", nil
	}
	by, before := all[0].Name, ""
	for _, w := range call.Args[len(call.Args)-len(all[0].Args):] {
		text, _ := textOf(w)
		if strings.HasPrefix(text, "-") || strings.HasPrefix(before, "-") && strings.HasSuffix(before, "o") {
			before = text // a flag, or the value of one: -euo pipefail
			continue
		}
		return by, lastOf(substituted(w, by == "eval" || RunsText(before)))
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
				return all[0].Name
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

func commandFrom(call *syntax.CallExpr) Command {
	c := Command{Env: assignments(call.Assigns)}
	for _, w := range call.Args {
		text, quoted := textOf(w)
		c.Args = append(c.Args, text)
		c.Quoted = append(c.Quoted, quoted)
		c.Uses = append(c.Uses, usedIn(w)...)
	}
	return c
}

// assignments are what variables are set to: NAME=VALUE.
func assignments(all []*syntax.Assign) []string {
	var pairs []string
	for _, a := range all {
		if a.Name != nil && !a.Naked {
			value, _ := textOf(a.Value)
			pairs = append(pairs, a.Name.Value+"="+value)
		}
	}
	return pairs
}

// usedIn are the variables whose values a word takes.
func usedIn(w *syntax.Word) []string {
	var names []string
	syntax.Walk(w, func(node syntax.Node) bool {
		if p, ok := node.(*syntax.ParamExp); ok && p.Param != nil {
			names = append(names, p.Param.Value)
		}
		return true
	})
	return names
}

// textOf is a word without its quotes; variables stand as $NAME, other expansions as unknown.
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
				b.WriteString(unknown)
			}
		}
	}
	add(w.Parts)
	return b.String(), quoted
}
