package catalog

import (
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
)

// minMemory is the least that Docker gives a container.
const minMemory = 6 << 20

// What a schema cannot say: arithmetic, other files, and what one part of a document means for another.

// facts notes what is wrong with a service by itself.
func (d *document) facts(s Service, p Project) {
	sizes := d.root.children["size"]
	for _, platform := range p.Platforms {
		ceiling, ok := s.Size[platform]
		switch {
		case !ok && platform != "" && sizes != nil && !sizes.bad && sizes.children[string(platform)] == nil:
			d.add(&part{node: sizes.node, at: join(sizes.at, string(platform))}, "is missing; add it, or remove the platform from project.yaml")
		case ceiling.Unpacked > 0 && ceiling.Pull > ceiling.Unpacked:
			d.add(d.find("size", string(platform)), "pull is larger than unpacked, but what is pulled is compressed; swap the two")
		}
	}
	if s.Run.Memory > 0 && s.Run.Memory < minMemory {
		d.add(d.find("run", "memory"), "is %s; Docker gives no container less than 6MiB", s.Run.Memory)
	}
	names := map[string]int{}
	for i, check := range s.Checks {
		at := d.find("checks", strconv.Itoa(i))
		if first := names[check.Name]; check.Name != "" && first != 0 {
			d.add(d.find("checks", strconv.Itoa(i), "name"), "%s is the name of the check on line %d too; write another one", quote(check.Name), first)
		} else {
			names[check.Name] = at.node.Line
		}
	}
	for i, name := range s.Jobs {
		at := d.find("jobs", strconv.Itoa(i))
		_, command := s.Commands[name]
		switch {
		case name == "" || command:
		case name != s.Name:
			d.add(at, "%s is none of this service's commands; %s", quote(name), Hint(name, slices.Sorted(maps.Keys(s.Commands))))
		case s.Protocol != NoProtocol:
			d.add(at, "%s is this service, which serves %s until it is stopped; remove it, or write protocol: none", name, s.Protocol)
		}
	}
	for i, waiver := range s.Allow {
		for _, earlier := range s.Allow[:i] {
			if waiver.Rule+waiver.Promise != "" && earlier.Rule == waiver.Rule && earlier.Promise == waiver.Promise && earlier.Path == waiver.Path {
				d.add(d.find("allow", strconv.Itoa(i)), "waives the same as line %d; remove one", earlier.Line)
			}
		}
	}
}

// surroundings notes what a service names and the repository at root does not have.
func (d *document) surroundings(root string, s Service, languages []string) {
	language := string(s.Language)
	switch {
	case s.Dockerfile == Own && !exists(root, s.Dir+"/Dockerfile"):
		d.add(d.find("dockerfile"), "is own, but %s/Dockerfile is not there; write it, or use rendered", s.Dir)
	case s.Dockerfile == Rendered && language != "" && !slices.Contains(languages, language):
		d.add(d.find("language"), "%s has no template, %s; %s", quote(language), s.Language.TemplatePath(), Hint(language, languages))
	}
	for i, folder := range s.Uses {
		at := d.find("uses", strconv.Itoa(i))
		switch {
		case folder == "":
		case strings.HasPrefix(folder, examples+"/") && s.Catalog() != examples:
			d.add(at, "%s may be deleted with the examples; move the folder to libs/", folder)
		case !isDir(path.Join(root, folder)):
			d.add(at, "%s is not a folder of this repository; create it, or remove the line", folder)
		}
	}
}

// neighbours notes what is wrong with the names that services use of each other.
func (d *document) neighbours(s Service, all map[string]Service) {
	for i, name := range s.DependsOn {
		at := d.find("depends_on", strconv.Itoa(i))
		_, isCommand := s.Commands[name]
		other, isService := all[name]
		switch {
		case name == "" || isCommand && !isService:
		case isCommand:
			d.add(at, "%s is a command of this service and another service; rename the command", name)
		case !isService:
			known := slices.Sorted(maps.Keys(all))
			known = slices.DeleteFunc(known, func(name string) bool { return name == s.Name })
			d.add(at, "%s is neither a service nor one of this service's commands; %s", quote(name), Hint(name, slices.Concat(slices.Sorted(maps.Keys(s.Commands)), known)))
		case name == s.Name:
			d.add(at, "%s is this service; remove it", name)
		case other.Catalog() == examples && s.Catalog() != examples:
			d.add(at, "%s may be deleted with the examples; move it to services/", name)
		case slices.Contains(needs(name, all), s.Name):
			d.add(at, "%s waits for %s, so that neither can start; remove one of the two", name, s.Name)
		}
	}
}

// needs are the services that a service waits for, directly or not.
func needs(name string, all map[string]Service) []string {
	var found []string
	for queue := []string{name}; len(queue) > 0; queue = queue[1:] {
		for _, next := range all[queue[0]].DependsOn {
			if _, ok := all[next]; ok && !slices.Contains(found, next) {
				found, queue = append(found, next), append(queue, next)
			}
		}
	}
	return found
}
