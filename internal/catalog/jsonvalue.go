package catalog

import (
	"encoding/json"
	"strings"

	"go.yaml.in/yaml/v4"
)

// json reads any value that JSON has, into the types that encoding/json decodes into an any; numbers are json.Number.
func (r *reader) json(n *yaml.Node, at string) (any, bool) {
	n = deref(n)
	switch n.Kind {
	case yaml.MappingNode:
		return r.jsonObject(n, at)
	case yaml.SequenceNode:
		list, all := make([]any, 0, len(n.Content)), true
		r.list(n, at, func(n *yaml.Node, at string) {
			value, ok := r.json(n, at)
			list, all = append(list, value), all && ok
		})
		return list, all
	}
	switch tag(n) {
	case tagNull:
		return nil, true
	case tagText, tagDate:
		return n.Value, true
	case tagBool, tagInt, tagFloat:
		if value, ok := literal(n.Value); ok {
			return value, true
		}
	}
	r.add(n, at, "must be JSON, not %s; write it as JSON does, or in quotes", describe(n))
	return nil, false
}

func (r *reader) jsonObject(n *yaml.Node, at string) (any, bool) {
	entries, all := r.entries(n, at)
	object := make(map[string]any, len(entries))
	for _, e := range entries {
		value, ok := r.json(e.value, join(at, e.name))
		object[e.name], all = value, all && ok
	}
	return object, all
}

// literal reads true, false or a number in JSON's spelling. YAML has more, which its versions read differently: 017, yes.
// A number stays as it is written: a float64 would change large integers.
func literal(text string) (value any, ok bool) {
	if json.Unmarshal([]byte(text), &value) != nil {
		return nil, false
	}
	if _, isNumber := value.(float64); isNumber {
		value = json.Number(strings.TrimSpace(text))
	}
	return value, true
}
