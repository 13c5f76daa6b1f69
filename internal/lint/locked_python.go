package lint

import (
	"slices"
	"strings"

	"example.com/stagecraft/internal/shell"
)

// unlockedPip judges pip: it checks hashes only when told to, or when a requirement has one.
func unlockedPip(c shell.Command) (what, fix string) {
	if c.Has("--require-hashes", "--no-deps", "--no-index", "--editable", "-e") || c.Verb() == "download" {
		return "", ""
	}
	named := pipTargets(c)
	hasList := c.Has("-r", "--requirement") || c.HasPrefix("-r", "--requirement=")
	switch {
	case hasList:
		return "does not insist on hashes", "add --require-hashes; pip-compile --generate-hashes or uv writes the list"
	case len(named) == 0 || onlyTools(named) || local(named):
		return "", ""
	case exact(named, "=="):
		return "", ""
	default:
		return "installs whatever version is the latest", "use a list with hashes: pip install --require-hashes -r requirements.txt"
	}
}

// pipTargets are the requirements that a pip command names.
func pipTargets(c shell.Command) []string {
	return slices.DeleteFunc(c.Operands(), func(a string) bool { return slices.Contains([]string{"pip", "pip3", "install", "wheel"}, a) })
}

// onlyTools reports whether nothing but the installers themselves is raised.
func onlyTools(named []string) bool {
	return !slices.ContainsFunc(named, func(n string) bool {
		name, _, _ := strings.Cut(strings.SplitN(n, "<", 2)[0], "=")
		return !slices.Contains([]string{"pip", "setuptools", "wheel"}, strings.TrimRight(name, ">~!"))
	})
}

// local reports whether all that is named are files, folders or variables, which cannot be judged.
func local(named []string) bool {
	return !slices.ContainsFunc(named, func(n string) bool {
		return !strings.HasPrefix(n, ".") && !strings.HasPrefix(n, "/") && !strings.Contains(n, "$") && !strings.HasSuffix(n, ".whl") && !strings.Contains(n, "*")
	})
}

// unlockedUV judges uv: sync updates uv.lock unless told otherwise; its pip verbs follow pip.
func unlockedUV(c shell.Command) (what, fix string) {
	switch c.Verb() {
	case "sync":
		if !c.Has("--locked", "--frozen") {
			return "may change uv.lock", "add --locked"
		}
	case "pip":
		if c.Has("install", "sync") {
			return unlockedPip(c)
		}
	}
	return "", ""
}
