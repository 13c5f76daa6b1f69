package manifest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// packageJSON is what matters here of a package.json.
type packageJSON struct {
	Name                 string            `json:"name"`
	Main                 string            `json:"main"`
	Scripts              map[string]string `json:"scripts"`
	Dependencies         map[string]string `json:"dependencies"`
	DevDependencies      map[string]string `json:"devDependencies"`
	OptionalDependencies map[string]string `json:"optionalDependencies"`
}

// groups are its dependencies, by key.
func (p packageJSON) groups() map[string]map[string]string {
	return map[string]map[string]string{
		"dependencies": p.Dependencies, "devDependencies": p.DevDependencies, "optionalDependencies": p.OptionalDependencies,
	}
}

// names are those of all its dependencies, in order.
func (p packageJSON) names() []string {
	var names []string
	for _, group := range p.groups() {
		names = slices.AppendSeq(names, maps.Keys(group))
	}
	slices.Sort(names)
	return slices.Compact(names)
}

var node = kind{
	file: "package.json",
	read: func(data []byte) ([]link, error) {
		var manifest packageJSON
		if err := json.Unmarshal(data, &manifest); err != nil {
			return nil, err
		}
		var links []link
		groups := manifest.groups()
		for _, group := range slices.Sorted(maps.Keys(groups)) {
			for _, name := range slices.Sorted(maps.Keys(groups[group])) {
				version := groups[group][name]
				if to, ok := local(version); ok {
					links = append(links, link{lineOf(data, `"`+version+`"`), group + "." + name, to})
				}
			}
		}
		return links, nil
	},
	depend: func(path string, shared []byte) string {
		var manifest packageJSON
		_ = json.Unmarshal(shared, &manifest) // one that cannot be read is reported itself
		return fmt.Sprintf("add %q: %q to dependencies", cmp.Or(manifest.Name, "NAME"), "file:"+path)
	},
	check: (*checker).node,
}

// local is the path that a dependency's version is, in one of the spellings that npm and pnpm know.
func local(version string) (path string, ok bool) {
	for _, prefix := range []string{"file:", "link:", "portal:"} {
		if path, ok := strings.CutPrefix(version, prefix); ok {
			return path, true
		}
	}
	return version, strings.HasPrefix(version, "./") || strings.HasPrefix(version, "../") || strings.HasPrefix(version, "/")
}

// Files of other package managers, and how to come from them to npm.
var nodeLocks = []struct{ file, change string }{
	{"yarn.lock", "Yarn's; run `npm install --package-lock-only` and remove it"},
	{"bun.lock", "Bun's; run `npm install --package-lock-only` and remove it"},
	{"bun.lockb", "Bun's; run `npm install --package-lock-only` and remove it"},
}

func (c *checker) node() {
	dir := c.service.Dir
	if !c.has(dir, "package.json") {
		c.add(dir+"/package.json", 0, "", "is not there; run `npm init` in %s", dir)
		return
	}
	for _, folder := range c.folders() {
		data := c.read(folder, "package.json")
		var manifest packageJSON
		if json.Unmarshal(data, &manifest) != nil {
			continue // not there, or reported by uses
		}
		for _, group := range manifest.groups() {
			for _, name := range slices.Sorted(maps.Keys(group)) {
				if strings.HasPrefix(group[name], "workspace:") {
					c.add(folder+"/package.json", lineOf(data, `"`+group[name]+`"`), name, "is a member of a workspace, which the build does not have; write \"file:../../libs/NAME\" for a folder that is in uses")
				}
			}
		}
		if strings.Contains(c.template, "package-lock.json") {
			c.nodeLock(folder, manifest)
		}
	}
	var manifest packageJSON
	if json.Unmarshal(c.read(dir, "package.json"), &manifest) != nil {
		return
	}
	if manifest.Scripts["build"] != "" {
		return
	}
	c.scripts()
	const program = "dist/server.js"
	if len(c.service.Command) == 0 && strings.Contains(c.template, `"`+program+`"`) && !c.has(dir, program) {
		start := cmp.Or(manifest.Scripts["start"], "node "+cmp.Or(manifest.Main, "FILE"))
		c.fact("command", nil, "is missing: there is no %s, and no script build in package.json that makes it; write command: [%s]", program, strings.Join(strings.Fields(show(start)), ", "))
	}
}

// scripts checks that what node is to run is there, unless a build may make it.
func (c *checker) scripts() {
	for key, command := range c.allCommands() {
		if len(command) < 2 || path.Base(command[0]) != "node" {
			continue
		}
		script := strings.TrimPrefix(command[1], "/app/")
		if strings.HasPrefix(script, "-") || strings.HasPrefix(script, "/") || strings.HasPrefix(script, "node_modules/") {
			continue
		}
		if dir := c.service.Dir; !c.has(dir, script) && !c.has(dir, script+".js") {
			c.fact(key+"[1]", append(strings.Split(key, "."), "1"), "is %s, which is not in %s; %s", show(script), dir, c.near(script))
		}
	}
}

// nodeLock checks that a folder has the lock file of npm or pnpm, made from its package.json as far as names show it.
func (c *checker) nodeLock(folder string, manifest packageJSON) {
	npm, pnpm := c.read(folder, "package-lock.json"), c.read(folder, "pnpm-lock.yaml")
	names := manifest.names()
	var locked map[string]bool
	var file, update string
	switch {
	case npm != nil && pnpm != nil:
		c.add(folder, 0, "", "has lock files of npm and pnpm; remove package-lock.json or pnpm-lock.yaml")
		return
	case npm != nil:
		file, update, locked = "package-lock.json", "npm install --package-lock-only", npmNames(npm)
	case pnpm != nil:
		file, update, locked = "pnpm-lock.yaml", "pnpm install --lockfile-only", pnpmNames(pnpm)
	case len(names) > 0:
		c.otherLock(folder, nodeLocks, "the template installs what the lock file of npm or pnpm names", "package-lock.json",
			"run `npm install --package-lock-only` in "+folder)
		return
	default:
		return
	}
	if locked == nil {
		c.add(folder+"/"+file, 0, "", "cannot be read; run `%s` in %s", update, folder)
		return
	}
	missing := slices.DeleteFunc(names, func(name string) bool { return locked[name] })
	if len(missing) > 0 {
		c.add(folder+"/"+file, 0, "", "is older than package.json: it lacks %s; run `%s` in %s", some(missing), update, folder)
	}
}

// npmNames are the packages that package-lock.json has for the folder itself; nil when it cannot be read.
func npmNames(data []byte) map[string]bool {
	var lock struct {
		Packages map[string]packageJSON `json:"packages"`
	}
	if json.Unmarshal(data, &lock) != nil {
		return nil
	}
	names := map[string]bool{}
	for _, name := range lock.Packages[""].names() {
		names[name] = true
	}
	return names
}

// pnpmNames are the packages that pnpm-lock.yaml has for the folder itself; nil when it cannot be read.
func pnpmNames(data []byte) map[string]bool {
	type group = map[string]any
	var lock struct {
		Importers map[string]struct {
			Dependencies         group `yaml:"dependencies"`
			DevDependencies      group `yaml:"devDependencies"`
			OptionalDependencies group `yaml:"optionalDependencies"`
		} `yaml:"importers"`
	}
	if yaml.Unmarshal(data, &lock) != nil {
		return nil
	}
	names, own := map[string]bool{}, lock.Importers["."]
	for _, group := range []group{own.Dependencies, own.DevDependencies, own.OptionalDependencies} {
		for name := range group {
			names[name] = true
		}
	}
	return names
}
