package starter

import (
	"regexp"
	"strings"
)

// word is the longest text that can be a name, in kebab-case or snake_case.
var word = regexp.MustCompile(`[A-Za-z0-9_]+(?:-[A-Za-z0-9_]+)*`)

// folder is the folder of a service.
var folder = regexp.MustCompile(`\b(services|examples)/` + word.String())

// renaming is a service's folder and names, and its new ones.
type renaming struct {
	dir, newDir string   // services/NAME
	names       []string // its own, and those of its module, package and project where they differ
	name        string   // the new one
}

// text renames the service in a text. A name of several words stands for nothing else; one of a single word might, so that it
// is replaced only where a service is named: as a folder, in a command, in a title, as all of a string or the beginning of a
// message.
func (r renaming) text(text string) string {
	text = folder.ReplaceAllStringFunc(text, func(found string) string {
		if found == r.dir {
			return r.newDir
		}
		return found
	})
	for _, old := range r.names {
		if strings.Contains(old, "-") {
			text = word.ReplaceAllStringFunc(text, func(found string) string { return r.whole(found, old) })
			continue
		}
		name := regexp.QuoteMeta(old)
		for _, place := range []string{
			`(?m)^(# )` + name + `()$`,
			`(?m)^(// Command )` + name + `( )`,
			`(["'` + "`" + `])` + name + `(["'` + "`" + `]|:[ "'` + "`" + `])`,
			`(["'\[ ]/)` + name + `(["',\] \n])`,
			`([-a-z]+=)` + name + `(\s)`,
		} {
			text = regexp.MustCompile(place).ReplaceAllString(text, "${1}"+r.name+"${2}")
		}
		text = shell.ReplaceAllStringFunc(text, func(line string) string {
			return word.ReplaceAllStringFunc(line, func(found string) string { return r.whole(found, old) })
		})
	}
	return text
}

// shell is a line that begins like a command about images.
var shell = regexp.MustCompile(`(?m)^ *(docker|podman|go tool mage) .*$`)

// whole is the new form of a word that is a name of the service; other words stay.
func (r renaming) whole(found, old string) string {
	switch found {
	case old:
		return r.name
	case snake(old):
		return snake(r.name)
	}
	return found
}

// named reports whether a line has an old name, as a part of another word too where it has several words itself.
func (r renaming) named(line string) bool {
	line = strings.ReplaceAll(strings.ReplaceAll(line, r.name, ""), snake(r.name), "")
	for _, old := range r.names {
		if strings.Contains(old, "-") && (strings.Contains(line, old) || strings.Contains(line, snake(old))) {
			return true
		}
		for _, found := range word.FindAllString(line, -1) {
			if found == old {
				return true
			}
		}
	}
	return false
}

// path renames the elements of a path that are called like the service, with any extension.
func (r renaming) path(name string) string {
	elements := strings.Split(name, "/")
	for i, element := range elements {
		stem, extension, dotted := strings.Cut(element, ".")
		for _, old := range r.names {
			if strings.Contains(old, "-") {
				stem = r.whole(stem, old)
			}
		}
		elements[i] = stem
		if dotted {
			elements[i] += "." + extension
		}
	}
	return strings.Join(elements, "/")
}

func snake(name string) string { return strings.ReplaceAll(name, "-", "_") }
