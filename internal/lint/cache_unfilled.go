package lint

import (
	"cmp"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"example.com/stagecraft/internal/dockerfile"
	"example.com/stagecraft/internal/shell"
)

// aptMounts is how apt gets caches that are filled: its lists too, locked, and without the hook that empties them.
const aptMounts = "RUN --mount=type=cache,target=/var/cache/apt,sharing=locked --mount=type=cache,target=/var/lib/apt,sharing=locked " +
	"rm -f /etc/apt/apt.conf.d/docker-clean && apt-get update && apt-get install ..."

// checkFilled reports cache mounts of a RUN that stay empty, and those of apt that two builds at once fight over.
func (d *Dockerfile) checkFilled(lineage []*dockerfile.Stage, in dockerfile.Instruction, found atLine) {
	commands := d.commandsOf(in)
	for _, m := range shell.Managers {
		installs := slices.ContainsFunc(commands, func(c shell.Command) bool { return shell.Manager(c) == m.Title && !shell.OnlyPrints(c) })
		mount := cacheMount(in, m.Cache)
		if !installs || mount == nil {
			continue
		}
		apt := "write " + d.cacheFix(lineage, in, "apt", commands)
		if by, edits := emptiedBy(commands, m.Title, mount.Target); by != "" {
			fix := strings.Join(edits, ", and ")
			if m.Title == "apt" {
				fix = apt
			}
			found(in.Line, "the cache mount "+mount.Target+" is never filled: "+by, fix)
			continue
		}
		shared := mount.CacheSharing == "" || mount.CacheSharing == instructions.MountSharingShared
		switch {
		case m.Title != "apt":
		case d.hasDockerClean(lineage, in):
			found(in.Line, "the cache mount "+mount.Target+" is never filled: docker-clean of the base image empties it", apt)
		case shared:
			found(in.Line, "the cache mount "+mount.Target+" is shared: of two builds at once, one fails on apt's lock", apt)
		}
	}
}

// cacheMount is the cache mount of a RUN that is for a folder, or for the one that holds it.
func cacheMount(in dockerfile.Instruction, folder string) *instructions.Mount {
	run, ok := in.Command.(*instructions.RunCommand)
	if !ok {
		return nil
	}
	for _, m := range dockerfile.Mounts(run) {
		target := strings.TrimRight(m.Target, "/")
		if m.Type == instructions.MountTypeCache && target != "" && (target == folder || strings.HasPrefix(folder, target+"/")) {
			return m
		}
	}
	return nil
}

// noCache are the flags that keep a manager from using its cache.
var noCache = map[string][]string{
	"pip": {"--no-cache-dir"}, "apk": {"--no-cache"}, "uv": {"--no-cache", "-n", "--no-cache-dir"}, "poetry": {"--no-cache"}, "bun": {"--no-cache"},
	"dotnet": {"--no-cache"}, "composer": {"--no-cache"},
}

// cleans are the commands that empty a manager's cache: its name and first words.
var cleans = map[string][]string{
	"apt": {"apt-get clean", "apt clean"}, "dnf": {"dnf clean", "yum clean", "microdnf clean", "tdnf clean"}, "zypper": {"zypper clean"},
	"pip": {"pip cache purge", "pip3 cache purge"}, "uv": {"uv cache clean"}, "npm": {"npm cache clean"}, "yarn": {"yarn cache clean"},
	"pnpm": {"pnpm store prune"}, "go": {"go clean -modcache", "go clean -cache"}, "apk": {"apk cache clean"},
	"conda": {"conda clean", "mamba clean", "micromamba clean"}, "composer": {"composer clear-cache", "composer clearcache"},
}

// emptiedBy is what keeps a manager's cache at a target empty, "" when nothing does, and all edits that it takes to change that.
func emptiedBy(commands []shell.Command, title, target string) (by string, fixes []string) {
	if c, flag := bypasses(commands, title); flag != "" {
		by, fixes = "`"+c.String()+"` does not use it", []string{"remove the flag " + flag}
	}
	for _, c := range commands {
		if cleansCache(c, title, target) {
			by = cmp.Or(by, "`"+c.String()+"` empties it")
			fixes = append(fixes, "remove `"+c.String()+"`: a cache mount is in no layer")
		}
	}
	return by, fixes
}

// bypasses is a command that installs without its manager's cache, and the flag for that, when all such commands do.
func bypasses(commands []shell.Command, title string) (first shell.Command, flag string) {
	for _, c := range commands {
		if shell.Manager(c) != title {
			continue
		}
		i := slices.IndexFunc(c.Args, func(a string) bool { return slices.Contains(noCache[title], a) })
		if i < 0 {
			return shell.Command{}, ""
		}
		if flag == "" {
			first, flag = c, c.Args[i]
		}
	}
	return first, flag
}

// cleansCache reports whether a command removes what is in a cache.
func cleansCache(c shell.Command, title, target string) bool {
	words := c.Name + " " + strings.Join(c.Args, " ")
	return slices.ContainsFunc(cleans[title], func(w string) bool { return strings.HasPrefix(words, w) }) ||
		c.Name == "rm" && slices.ContainsFunc(c.Operands(), func(a string) bool { return emptiesFolder(a, target) })
}

// emptiesFolder reports whether removing a path removes all that is in a folder.
func emptiesFolder(removed, folder string) bool {
	removed = strings.TrimRight(strings.TrimSuffix(removed, "*"), "/")
	folder = strings.TrimRight(folder, "/")
	return removed != "" && (removed == folder || strings.HasPrefix(folder, removed+"/"))
}

// debianImages are the official images that are Debian or Ubuntu unless their tag names another system; all have docker-clean.
var debianImages = []string{
	"debian", "ubuntu", "golang", "node", "python", "ruby", "rust", "gcc", "php", "perl", "buildpack-deps", "openjdk", "maven", "gradle",
	"nginx", "httpd", "postgres", "mariadb", "redis",
}

// hasDockerClean reports whether apt's cache is emptied after each install: by the hook that official Debian images bring,
// unless an instruction up to this one takes it away or changes what apt keeps.
func (d *Dockerfile) hasDockerClean(lineage []*dockerfile.Stage, until dockerfile.Instruction) bool {
	name, _ := officialName(lineage[len(lineage)-1].Base)
	if !slices.Contains(debianImages, name) {
		return false
	}
	for i, s := range lineage {
		for _, in := range s.Instructions {
			if i == 0 && in.Line > until.Line {
				break
			}
			text := in.Text
			if run, ok := in.Command.(*instructions.RunCommand); ok {
				text = script(run)
			}
			if strings.Contains(text, "docker-clean") || strings.Contains(text, "Keep-Downloaded-Packages") || strings.Contains(text, "/etc/apt/apt.conf") {
				return false
			}
		}
	}
	return true
}
