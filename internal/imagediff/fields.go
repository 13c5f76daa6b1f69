package imagediff

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// compareFields finds the first field of two documents in which they differ.
func compareFields(kind Kind, a, b any) (Difference, bool) {
	first, second := flat(a), flat(b)
	names := maps.Clone(first)
	maps.Copy(names, second)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if first[name] != second[name] {
			return Difference{Kind: kind, Path: strings.ToLower(string(kind)) + name, Before: first[name], After: second[name]}, true
		}
	}
	return Difference{}, false
}

// flat is a document as values by field: .config.Env[1] → "PATH=/bin".
func flat(document any) map[string]string {
	all := map[string]string{}
	data, err := json.Marshal(document)
	var value any
	if err != nil || json.Unmarshal(data, &value) != nil {
		return all
	}
	var walk func(value any, name string)
	walk = func(value any, name string) {
		switch v := value.(type) {
		case map[string]any:
			for key, child := range v {
				walk(child, name+"."+key)
			}
		case []any:
			for i, child := range v {
				walk(child, fmt.Sprintf("%s[%d]", name, i))
			}
		default:
			text, _ := json.Marshal(v) //nolint:errchkjson // it was JSON
			all[name] = string(text)
		}
	}
	walk(value, "")
	return all
}
