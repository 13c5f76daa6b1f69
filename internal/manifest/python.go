package manifest

import (
	"cmp"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// pyproject is what matters here of a pyproject.toml.
type pyproject struct {
	Project struct {
		Name         string
		Dependencies []string
	}
	Tool struct {
		UV struct {
			// A source is a table, or a list of tables with markers.
			Sources   map[string]any
			Workspace any
		}
	}
}

// uvLock is what matters here of a uv.lock: the packages of which one is the project itself, at its own path.
type uvLock struct {
	Package []struct {
		Source struct {
			Editable, Virtual, Directory string
		}
		Metadata struct {
			RequiresDist []struct{ Name string } `toml:"requires-dist"`
		}
	}
}

var python = kind{
	file: "pyproject.toml",
	read: func(data []byte) ([]link, error) {
		var project pyproject
		if err := toml.Unmarshal(data, &project); err != nil {
			return nil, err
		}
		var links []link
		for _, name := range slices.Sorted(maps.Keys(project.Tool.UV.Sources)) {
			for _, source := range sources(project.Tool.UV.Sources[name]) {
				if to, ok := source["path"].(string); ok {
					links = append(links, link{lineOf(data, to), "tool.uv.sources." + name, to})
				}
			}
		}
		return links, nil
	},
	depend: func(path string, shared []byte) string {
		var project pyproject
		_ = toml.Unmarshal(shared, &project) // one that cannot be read is reported itself
		name := cmp.Or(project.Project.Name, "NAME")
		return fmt.Sprintf("add %q to dependencies and write `%s = {path = %q}` below [tool.uv.sources]", name, name, path)
	},
	check: (*checker).python,
}

// sources are the tables of one entry of tool.uv.sources.
func sources(entry any) []map[string]any {
	switch entry := entry.(type) {
	case map[string]any:
		return []map[string]any{entry}
	case []any:
		var all []map[string]any
		for _, source := range entry {
			all = append(all, sources(source)...)
		}
		return all
	}
	return nil
}

// Files of other package managers, and how to come from them to uv.
var pythonLocks = []struct{ file, change string }{
	{"poetry.lock", "Poetry's; run `uvx migrate-to-uv`"},
	{"Pipfile.lock", "Pipenv's; run `uvx migrate-to-uv`"},
	{"pdm.lock", "PDM's; run `uv lock`"},
	{"requirements.txt", "pip's; run `uv init --bare && uv add -r requirements.txt`"},
}

func (c *checker) python() {
	dir := c.service.Dir
	if strings.Contains(c.template, "uv.lock") && !c.has(dir, "uv.lock") {
		c.otherLock(dir, pythonLocks, "the template installs what uv.lock names", "uv.lock", "run `uv lock` in "+dir)
	} else if !c.has(dir, "pyproject.toml") {
		c.add(dir+"/pyproject.toml", 0, "", "is not there; run `uv init --bare` in %s", dir)
	}
	data := c.read(dir, "pyproject.toml")
	var project pyproject
	if toml.Unmarshal(data, &project) != nil {
		return // reported by uses
	}
	for _, name := range slices.Sorted(maps.Keys(project.Tool.UV.Sources)) {
		for _, source := range sources(project.Tool.UV.Sources[name]) {
			if source["workspace"] == true && project.Tool.UV.Workspace == nil {
				c.add(dir+"/pyproject.toml", lineOf(data, name), "tool.uv.sources."+name, "is a member of a workspace, which the build does not have; write {path = \"../../libs/%s\"} for a folder that is in uses", show(name))
			}
		}
	}
	c.uvLock(project)
	c.pythonCommands()
	if len(c.service.Command) == 0 && strings.Contains(c.template, `"-m", "service"`) && !c.hasModule("service") {
		c.fact("command", nil, "is missing, and there is no package service to run; write command: %s", cmp.Or(strings.Join(c.modules(), " or "), "[python3, -m, PACKAGE]"))
	}
}

// requirement is the name at the beginning of a dependency such as `uvicorn[standard] >=0.40`.
var requirement = regexp.MustCompile(`^\s*([A-Za-z0-9][A-Za-z0-9._-]*)`)

// normal is a package's name as indexes and uv.lock have it.
func normal(name string) string {
	return strings.ToLower(regexp.MustCompile(`[-_.]+`).ReplaceAllString(name, "-"))
}

// uvLock checks that uv.lock was made from this pyproject.toml, as far as the names of packages show it.
func (c *checker) uvLock(project pyproject) {
	dir := c.service.Dir
	data := c.read(dir, "uv.lock")
	if data == nil {
		return
	}
	var lock uvLock
	if err := toml.Unmarshal(data, &lock); err != nil {
		line, message := position(data, err)
		c.add(dir+"/uv.lock", line, "", "cannot be read: %s; run `uv lock` in %s", message, dir)
		return
	}
	locked := map[string]bool{}
	for _, p := range lock.Package {
		if cmp.Or(p.Source.Editable, p.Source.Virtual, p.Source.Directory) == "." {
			for _, requires := range p.Metadata.RequiresDist {
				locked[normal(requires.Name)] = true
			}
		}
	}
	var missing []string
	for _, dependency := range project.Project.Dependencies {
		if name := requirement.FindStringSubmatch(dependency); len(name) == 2 && !locked[normal(name[1])] {
			missing = append(missing, name[1])
		}
	}
	if len(missing) > 0 {
		c.add(dir+"/uv.lock", 0, "", "is older than pyproject.toml: it lacks %s; run `uv lock` in %s", some(missing), dir)
	}
}

var interpreter = regexp.MustCompile(`^python3?(\.[0-9]+)?$`)

// pythonCommands checks that modules and scripts of the service's own are there. What is not its own may come with a package.
func (c *checker) pythonCommands() {
	for key, command := range c.allCommands() {
		where := strings.Split(key, ".")
		switch dir := c.service.Dir; {
		case len(command) < 2 || !interpreter.MatchString(path.Base(command[0])):
		case len(command) > 2 && command[1] == "-m":
			own, _, _ := strings.Cut(command[2], ".")
			if (c.has(dir, own) || c.has(dir, "src", own)) && !c.hasModule(strings.ReplaceAll(command[2], ".", "/")) {
				c.fact(key+"[2]", append(where, "2"), "is %s, but neither %[2]s.py nor %[2]s/__main__.py is in %s", show(command[2]), show(strings.ReplaceAll(command[2], ".", "/")), dir)
			}
		case strings.HasSuffix(command[1], ".py") && !path.IsAbs(command[1]) && !c.has(dir, command[1]):
			c.fact(key+"[1]", append(where, "1"), "is %s, which is not in %s; %s", show(command[1]), dir, c.near(command[1]))
		}
	}
}

// hasModule reports whether `python3 -m NAME` finds something of the service's own.
func (c *checker) hasModule(name string) bool {
	for _, source := range []string{"", "src"} {
		if c.has(c.service.Dir, source, name, "__main__.py") || c.has(c.service.Dir, source, name+".py") {
			return true
		}
	}
	return false
}

// modules are commands that run the service's own packages.
func (c *checker) modules() []string {
	var commands []string
	for _, pattern := range []string{"*/__main__.py", "src/*/__main__.py"} {
		files, _ := fs.Glob(os.DirFS(c.root), c.service.Dir+"/"+pattern)
		for _, file := range files {
			commands = append(commands, "[python3, -m, "+path.Base(path.Dir(file))+"]")
		}
	}
	return commands
}

// otherLock reports that a lock file is missing, and names that of another package manager that is there instead.
func (c *checker) otherLock(folder string, others []struct{ file, change string }, reads, lock, create string) {
	for _, other := range others {
		if c.has(folder, other.file) {
			c.add(folder+"/"+other.file, 0, "", "is %s in %s: %s", other.change, folder, reads)
			return
		}
	}
	c.add(folder+"/"+lock, 0, "", "is not there: %s; %s", reads, create)
}
