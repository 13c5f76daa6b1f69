package rules

import (
	"slices"
	"strings"
)

// isInstall names the package manager a command runs to bring packages, by the manager's name; "" for none.
func isInstall(c command) string {
	verb := c.verb()
	for _, m := range managers {
		if slices.Contains(m.names, c.name) && (slices.Contains(m.verbs, verb) || len(m.verbs) == 0) {
			return m.title
		}
	}
	if c.pythonModule() == "pip" && slices.Contains(c.args, "install") {
		return "pip"
	}
	return ""
}

// pythonModule is what `python -m MODULE` runs.
func (c command) pythonModule() string {
	if !strings.HasPrefix(c.name, "python") {
		return ""
	}
	if i := slices.Index(c.args, "-m"); i >= 0 && i+1 < len(c.args) {
		return c.args[i+1]
	}
	return ""
}

// managers are the package managers, their verbs that download, and where they keep what they downloaded.
var managers = []struct {
	title, cache string
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
	{"yarn", "/usr/local/share/.cache/yarn", []string{"yarn"}, []string{"install", "add", "workspaces", ""}},
	{"pnpm", "/root/.local/share/pnpm/store", []string{"pnpm"}, []string{"install", "i", "add", "fetch"}},
	{"bun", "/root/.bun/install/cache", []string{"bun"}, []string{"install", "i", "add"}},
	{"go", "/go/pkg/mod", []string{"go"}, []string{"install", "get", "mod", "build"}},
	{"cargo", "/usr/local/cargo/registry", []string{"cargo"}, []string{"build", "install", "fetch", "b", "chef", "rustc"}},
	{"maven", "/root/.m2", []string{"mvn", "mvnw"}, nil},
	{"gradle", "/root/.gradle", []string{"gradle", "gradlew"}, nil},
	{"bundler", "/usr/local/bundle/cache", []string{"bundle", "bundler"}, []string{"install"}},
	{"gem", "/usr/local/bundle/cache", []string{"gem"}, []string{"install"}},
	{"composer", "/tmp/cache", []string{"composer"}, []string{"install", "update", "require"}},
	{"dotnet", "/root/.nuget/packages", []string{"dotnet"}, []string{"restore", "build", "publish"}},
}
