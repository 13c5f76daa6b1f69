package shell

import (
	"path"
	"slices"
	"strings"
)

// wrappers are programs that run the command in their arguments, and which of their flags take a value.
var wrappers = map[string]string{
	"sudo": "-u -g", "env": "-u -C", "exec": "-a", "command": "", "time": "", "nice": "-n", "nohup": "", "timeout": "-k -s",
	"with-secrets": "", "setarch": "", "xvfb-run": "-n -s", "eatmydata": "", "chroot": "", "su-exec": "", "gosu": "",
}

// RunsText reports whether a shell takes the word behind a flag for its script: -c, -lc, -euxc.
func RunsText(flag string) bool {
	return strings.HasPrefix(flag, "-") && !strings.HasPrefix(flag, "--") && strings.HasSuffix(flag, "c")
}

// unwrap splits the words of a command, taking off what stands around the real one: sudo, env, sh -c.
func unwrap(c Command, depth int) []Command {
	for len(c.Args) > 0 {
		c.Name, c.Args = path.Base(strings.ReplaceAll(c.Args[0], `\`, "")), c.Args[1:]
		if len(c.Quoted) > 0 {
			c.Quoted = c.Quoted[1:]
		}
		if slices.Contains(Names, c.Name) && depth < maxDepth {
			if i := slices.IndexFunc(c.Args, RunsText); i >= 0 && i+1 < len(c.Args) {
				return parse(c.Args[i+1], depth+1)
			}
		}
		withValue, isWrapper := wrappers[c.Name]
		if !isWrapper {
			return []Command{c}
		}
		skip := 0
		for skip < len(c.Args) && (strings.HasPrefix(c.Args[skip], "-") || strings.Contains(c.Args[skip], "=")) {
			if strings.Contains(c.Args[skip], "=") && !strings.HasPrefix(c.Args[skip], "-") {
				c.Env = append(c.Env, c.Args[skip])
			}
			if slices.Contains(strings.Fields(withValue), c.Args[skip]) {
				skip++
			}
			skip++
		}
		if c.Name == "timeout" || c.Name == "chroot" || c.Name == "su-exec" || c.Name == "gosu" {
			skip++ // the duration, folder or user
		}
		skip = min(skip, len(c.Args))
		c.Args = c.Args[skip:]
		if len(c.Quoted) > 0 {
			c.Quoted = c.Quoted[min(skip, len(c.Quoted)):]
		}
	}
	if len(c.Env) > 0 || len(c.Writes) > 0 {
		c.Name = ""
		return []Command{c}
	}
	return nil
}

// Wraps reports whether words run a shell that stays in front of the program.
func Wraps(words []string) bool {
	if !slices.Contains(Names, path.Base(words[0])) {
		return false
	}
	i := slices.IndexFunc(words, func(w string) bool { return strings.HasPrefix(w, "-") && strings.HasSuffix(w, "c") })
	return i > 0 && i+1 < len(words) && !strings.Contains(" "+words[i+1], " exec ") && !strings.Contains(words[i+1], "\nexec ")
}
