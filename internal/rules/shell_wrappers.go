package rules

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

// runsText reports whether a shell takes the word behind a flag for its script: -c, -lc, -euxc.
func runsText(flag string) bool {
	return strings.HasPrefix(flag, "-") && !strings.HasPrefix(flag, "--") && strings.HasSuffix(flag, "c")
}

// unwrap splits the words of a command, taking off what stands around the real one: sudo, env, sh -c.
func unwrap(c command, depth int) []command {
	for len(c.args) > 0 {
		c.name, c.args = path.Base(strings.ReplaceAll(c.args[0], `\`, "")), c.args[1:]
		if len(c.quoted) > 0 {
			c.quoted = c.quoted[1:]
		}
		if slices.Contains(shells, c.name) && depth < maxDepth {
			if i := slices.IndexFunc(c.args, runsText); i >= 0 && i+1 < len(c.args) {
				return parseShell(c.args[i+1], depth+1)
			}
		}
		withValue, isWrapper := wrappers[c.name]
		if !isWrapper {
			return []command{c}
		}
		skip := 0
		for skip < len(c.args) && (strings.HasPrefix(c.args[skip], "-") || strings.Contains(c.args[skip], "=")) {
			if strings.Contains(c.args[skip], "=") && !strings.HasPrefix(c.args[skip], "-") {
				c.env = append(c.env, c.args[skip])
			}
			if slices.Contains(strings.Fields(withValue), c.args[skip]) {
				skip++
			}
			skip++
		}
		if c.name == "timeout" || c.name == "chroot" || c.name == "su-exec" || c.name == "gosu" {
			skip++ // the duration, folder or user
		}
		skip = min(skip, len(c.args))
		c.args = c.args[skip:]
		if len(c.quoted) > 0 {
			c.quoted = c.quoted[min(skip, len(c.quoted)):]
		}
	}
	if len(c.env) > 0 || len(c.writes) > 0 {
		c.name = ""
		return []command{c}
	}
	return nil
}
