package shell

import (
	"slices"
	"strings"
)

// Manager names the package manager a command runs to bring packages, by the manager's name; "" for none.
func Manager(c Command) string {
	verb := c.Action()
	for _, m := range Managers {
		if slices.Contains(m.names, c.Name) && (slices.Contains(m.verbs, verb) || len(m.verbs) == 0) {
			return m.Title
		}
	}
	if c.PythonModule() == "pip" && slices.Contains(c.Args, "install") {
		return "pip"
	}
	return ""
}

// Action is the verb, with the next word where that is the verb of a group: global add in `yarn global add`.
func (c Command) Action() string {
	rest := c.Operands()
	if len(rest) > 1 && (rest[0] == "global" || rest[0] == "env") {
		return rest[0] + " " + rest[1]
	}
	return c.Verb()
}

// PythonModule is what `python -m MODULE` runs.
func (c Command) PythonModule() string {
	if !strings.HasPrefix(c.Name, "python") {
		return ""
	}
	if i := slices.Index(c.Args, "-m"); i >= 0 && i+1 < len(c.Args) {
		return c.Args[i+1]
	}
	return ""
}

// Managers are the package managers, their verbs that download, and where they keep what they downloaded.
var Managers = []struct {
	Title, Cache string
	names, verbs []string
}{
	{"apt", "/var/cache/apt", []string{"apt-get", "apt", "aptitude"}, []string{"install", "upgrade", "dist-upgrade", "full-upgrade", "build-dep"}},
	{"apk", "/var/cache/apk", []string{"apk"}, []string{"add", "upgrade"}},
	{"dnf", "/var/cache/dnf", []string{"dnf", "yum", "microdnf", "tdnf"}, []string{"install", "update", "upgrade", "groupinstall", "localinstall"}},
	{"zypper", "/var/cache/zypp", []string{"zypper"}, []string{"install", "in", "update", "up"}},
	{"pip", "/root/.cache/pip", []string{"pip", "pip2", "pip3", "pipx"}, []string{"install", "wheel", "download"}},
	{"uv", "/root/.cache/uv", []string{"uv"}, []string{"sync", "pip", "tool", "add"}},
	{"poetry", "/root/.cache/pypoetry", []string{"poetry"}, []string{"install", "sync", "add"}},
	{"pipenv", "/root/.cache/pipenv", []string{"pipenv"}, []string{"install", "sync"}},
	{"npm", "/root/.npm", []string{"npm"}, []string{"ci", "install", "i", "add", "clean-install", "install-clean"}},
	{"yarn", "/usr/local/share/.cache/yarn", []string{"yarn"}, []string{"install", "add", "workspaces", "global add", "global upgrade", ""}},
	{"pnpm", "/root/.local/share/pnpm/store", []string{"pnpm"}, []string{"install", "i", "add", "fetch"}},
	{"bun", "/root/.bun/install/cache", []string{"bun"}, []string{"install", "i", "add"}},
	{"go", "/go/pkg/mod", []string{"go"}, []string{"install", "get", "mod", "build"}},
	{"cargo", "/usr/local/cargo/registry", []string{"cargo", "xx-cargo"}, []string{"build", "install", "fetch", "b", "chef", "rustc"}},
	{"maven", "/root/.m2", []string{"mvn", "mvnw"}, nil},
	{"gradle", "/root/.gradle", []string{"gradle", "gradlew"}, nil},
	{"bundler", "/usr/local/bundle/cache", []string{"bundle", "bundler"}, []string{"install"}},
	{"gem", "/usr/local/bundle/cache", []string{"gem"}, []string{"install"}},
	{"composer", "/root/.composer/cache", []string{"composer"}, []string{"install", "update", "require", "global require"}},
	{"mix", "/root/.hex", []string{"mix"}, []string{"deps.get"}},
	{"conda", "/opt/conda/pkgs", []string{"conda", "mamba", "micromamba"}, []string{"install", "create", "update", "env create", "env update"}},
	{"dotnet", "/root/.nuget/packages", []string{"dotnet"}, []string{"restore", "build", "publish"}},
}

// IsApt reports whether a command is apt.
func IsApt(c Command) bool { return c.Name == "apt-get" || c.Name == "apt" }

// HasVersion reports whether a command names what it brings with a version: go install MODULE@VERSION.
func (c Command) HasVersion() bool {
	return slices.ContainsFunc(c.Args, func(a string) bool { return strings.Contains(a, "@") })
}

// CacheOf is where a package manager keeps what it downloaded, by its title in Managers.
func CacheOf(title string) string {
	for _, m := range Managers {
		if m.Title == title {
			return m.Cache
		}
	}
	return "DIR"
}
