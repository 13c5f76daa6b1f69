package shell

import (
	"path"
	"slices"
	"strings"
)

// wrapper is a program that runs the command in its arguments.
type wrapper struct {
	valued   string // flags that take a value in the next word
	operands int    // words in front of the command: a duration, a folder, a user
}

var wrappers = map[string]wrapper{
	"sudo": {valued: "-u -g"}, "doas": {valued: "-u"}, "runuser": {valued: "-u -g -G"}, "su-exec": {operands: 1}, "gosu": {operands: 1},
	"chroot": {operands: 1}, "setarch": {operands: 1}, "linux32": {}, "linux64": {},
	"env": {valued: "-u -C"}, "exec": {valued: "-a"}, "command": {}, "time": {}, "timeout": {valued: "-k -s", operands: 1},
	"nice": {valued: "-n"}, "nohup": {}, "xvfb-run": {valued: "-n -s"}, "eatmydata": {}, "fakeroot": {}, "with-secrets": {},
	"xargs": {valued: "-a -d -E -I -L -n -P -s --arg-file --delimiter --max-args --max-lines --max-procs"},
}

// runText are the programs that take a script behind -c.
var runText = append([]string{"su", "runuser"}, Names...)

// unknown stands for a word that only running the script would show.
const unknown = "$()"

// RunsText reports whether a shell takes the word behind a flag for its script: -c, -lc, -euxc.
func RunsText(flag string) bool {
	return strings.HasPrefix(flag, "-") && !strings.HasPrefix(flag, "--") && strings.HasSuffix(flag, "c")
}

// unwrap splits the words of a command, taking off what stands around the real one: sudo, env, sh -c. At maxDepth it stays
// with the program that reads the command's input.
func unwrap(c Command, depth int) []Command {
	for len(c.Args) > 0 {
		c.Name = path.Base(strings.ReplaceAll(c.Args[0], `\`, ""))
		c.drop(1)
		if slices.Contains(runText, c.Name) && depth < maxDepth {
			if i := slices.IndexFunc(c.Args, RunsText); i >= 0 && i+1 < len(c.Args) {
				return parse(c.Args[i+1], depth+1)
			}
		}
		w, isWrapper := wrappers[c.Name]
		isXargs := c.Name == "xargs"
		if !isWrapper || isXargs && depth == maxDepth {
			return []Command{c}
		}
		c.dropFlags(strings.Fields(w.valued))
		c.drop(w.operands)
		c.dropFlags(nil) // setarch has its own behind the architecture
		if isXargs && len(c.Args) > 0 {
			c.Args, c.Quoted = append(slices.Clone(c.Args), unknown), append(slices.Clone(c.Quoted), false)
		}
	}
	if len(c.Env) > 0 || len(c.Writes) > 0 {
		c.Name = ""
		return []Command{c}
	}
	return nil
}

// drop takes off the first n words.
func (c *Command) drop(n int) {
	c.Args, c.Quoted = c.Args[min(n, len(c.Args)):], c.Quoted[min(n, len(c.Quoted)):]
}

// dropFlags takes off the flags of a wrapper, and the variables that it sets for its command.
func (c *Command) dropFlags(valued []string) {
	for len(c.Args) > 0 {
		first := c.Args[0]
		isFlag, isVariable := strings.HasPrefix(first, "-"), strings.Contains(first, "=")
		switch {
		case isFlag && slices.Contains(valued, first):
			c.drop(2)
		case isFlag:
			c.drop(1)
		case isVariable:
			c.Env = append(c.Env, first)
			c.drop(1)
		default:
			return
		}
	}
}

// Wraps reports whether words run a shell that stays in front of the program.
func Wraps(words []string) bool {
	if !slices.Contains(Names, path.Base(words[0])) {
		return false
	}
	i := slices.IndexFunc(words, func(w string) bool { return strings.HasPrefix(w, "-") && strings.HasSuffix(w, "c") })
	return i > 0 && i+1 < len(words) && !strings.Contains(" "+words[i+1], " exec ") && !strings.Contains(words[i+1], "\nexec ")
}
