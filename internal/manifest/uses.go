package manifest

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
)

// uses checks both ways that the service's `uses` are the folders to which its manifest, and those of the folders that it uses,
// point: a build gets no other files.
func (c *checker) uses(k kind) {
	pointed := map[string]bool{}
	for _, folder := range c.folders() {
		file := folder + "/" + k.file
		data := c.read(file)
		if data == nil {
			continue
		}
		links, err := k.read(data)
		if err != nil {
			line, message := position(data, err)
			c.add(file, line, "", "cannot be read: %s", message)
			// What it points to is not known.
			for _, use := range c.service.Uses {
				pointed[use] = true
			}
			continue
		}
		for _, l := range links {
			if use := c.follow(folder, file, l); use != "" {
				pointed[use] = true
			}
		}
	}
	for i, use := range c.service.Uses {
		if shared := c.read(use, k.file); shared != nil && !pointed[use] {
			c.fact(fmt.Sprintf("uses[%d]", i), []string{"uses", strconv.Itoa(i)}, "%s is not a path dependency of %s/%s; %s there, or remove it here",
				use, c.service.Dir, k.file, k.depend(relative(c.service.Dir, use), shared))
		}
	}
}

// follow finds the used folder to which a manifest points, or notes what is wrong with the path.
func (c *checker) follow(folder, file string, l link) (use string) {
	target := path.Join(folder, l.path)
	if path.IsAbs(l.path) || len(l.path) > 1 && l.path[1] == ':' {
		c.add(file, l.line, l.key, "%s is an absolute path, which other machines do not have; write a relative one", show(l.path))
		return ""
	}
	if within(target, folder) {
		return ""
	}
	for _, use := range c.service.Uses {
		if within(target, use) {
			if !c.has(target) {
				c.add(file, l.line, l.key, "%s is not there; correct the path", show(target))
			}
			return use
		}
	}
	switch {
	case target == ".." || strings.HasPrefix(target, "../"):
		c.add(file, l.line, l.key, "%s is outside the repository, which a build does not see; move the folder to libs/", show(l.path))
	case !c.has(target):
		c.add(file, l.line, l.key, "%s is not there; correct the path", show(target))
	case strings.HasPrefix(target, "libs/"), strings.HasPrefix(target, "examples/libs/") && c.service.Catalog() == "examples":
		c.add(file, l.line, l.key, "%s is not among the folders that %s uses; write uses: [%s] in %s/service.yaml",
			show(target), c.service.Name, strings.Join(append(slices.Clone(c.service.Uses), target), ", "), c.service.Dir)
	default:
		name := "libs/" + path.Base(target)
		c.add(file, l.line, l.key, "%s is not a folder of shared code; move it to %s and write uses: [%s] in %s/service.yaml",
			show(target), name, strings.Join(append(slices.Clone(c.service.Uses), name), ", "), c.service.Dir)
	}
	return ""
}

// within reports whether a clean path is folder or below it.
func within(name, folder string) bool { return name == folder || strings.HasPrefix(name, folder+"/") }

// relative is the way from a folder of the repository to another one.
func relative(from, to string) string {
	return strings.Repeat("../", 1+strings.Count(from, "/")) + to
}

// show is a text of a file, on one line whatever it is.
func show(text string) string {
	quoted := strconv.QuoteToASCII(text)
	return quoted[1 : len(quoted)-1]
}
