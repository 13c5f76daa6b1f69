package catalog

import (
	"fmt"
	"slices"

	"go.yaml.in/yaml/v4"
)

// reader turns the nodes of one file into values. It never stops at a problem: it notes it and goes on, so that a person
// sees all of them at once.
type reader struct {
	file     string
	problems Problems
}

// add notes a problem of the key at, whose value is n.
func (r *reader) add(n *yaml.Node, at, format string, args ...any) {
	r.problems = append(r.problems, Problem{r.file, n.Line, at, fmt.Sprintf(format, args...)})
}

// entry is a key of a mapping with its value.
type entry struct {
	name       string
	key, value *yaml.Node
}

// entries lists a mapping's keys in the order of the file, merge keys (<<) resolved.
func (r *reader) entries(n *yaml.Node, at string) ([]entry, bool) {
	n = deref(n)
	if n.Kind != yaml.MappingNode {
		r.add(n, at, "must be a mapping (key: value), not %s", describe(n))
		return nil, false
	}
	var own, merged []entry
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := deref(n.Content[i]), deref(n.Content[i+1])
		switch {
		case tag(key) == tagMerge:
			merged = append(merged, r.merge(value, at)...)
		case key.Kind != yaml.ScalarNode:
			r.add(key, at, "has a key that is %s; keys are words", describe(key))
		case seen[key.Value] != 0:
			r.add(key, join(at, key.Value), "is written twice, first on line %d; remove one", seen[key.Value])
		default:
			seen[key.Value] = key.Line
			own = append(own, entry{key.Value, key, value})
		}
	}
	for _, e := range merged {
		if seen[e.name] == 0 {
			seen[e.name] = e.key.Line
			own = append(own, e)
		}
	}
	return own, true
}

// merge lists the keys that a merge key brings in: those of one mapping or of a list of them, the first one winning.
func (r *reader) merge(n *yaml.Node, at string) []entry {
	sources := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		sources = n.Content
	}
	var all []entry
	for _, source := range sources {
		entries, _ := r.entries(source, join(at, "<<"))
		all = append(all, entries...)
	}
	return all
}

// field is a key that a mapping may have, and what reads its value.
type field struct {
	name     string
	required bool
	read     func(n *yaml.Node, at string)
}

// object reads a mapping with fixed keys and returns the values that it has, by key.
func (r *reader) object(n *yaml.Node, at string, fields ...field) map[string]*yaml.Node {
	entries, ok := r.entries(n, at)
	if !ok {
		return nil
	}
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.name
	}
	present := make(map[string]*yaml.Node, len(entries))
	for _, e := range entries {
		i := slices.Index(names, e.name)
		if i < 0 {
			r.add(e.key, join(at, e.name), "is not a key here; %s", Hint(e.name, names))
			continue
		}
		present[e.name] = e.value
		fields[i].read(e.value, join(at, e.name))
	}
	for _, f := range fields {
		if f.required && present[f.name] == nil {
			r.add(n, join(at, f.name), "is missing; add it")
		}
	}
	return present
}

// list reads each element of a list.
func (r *reader) list(n *yaml.Node, at string, read func(n *yaml.Node, at string)) {
	if n = deref(n); n.Kind != yaml.SequenceNode {
		r.add(n, at, "must be a list, not %s", describe(n))
		return
	}
	for i, child := range n.Content {
		read(deref(child), fmt.Sprintf("%s[%d]", at, i))
	}
}

// deref follows an alias to what it stands for.
func deref(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode && n.Alias != nil {
		n = n.Alias
	}
	return n
}

// join adds a name to the path of a key.
func join(at, name string) string {
	if at == "" {
		return unquote(name)
	}
	return at + "." + unquote(name)
}
