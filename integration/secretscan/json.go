package secretscan

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// json searches a document and names the fields.
func (s *Search) json(data []byte, part, digest string) []Finding {
	var found []Finding
	var document any
	if json.Unmarshal(data, &document) == nil {
		s.fields(document, "", func(n int, field string) {
			found = append(found, s.finding(n, part, digest, field))
		})
	}
	// The document as it is stored has the last word: a field may be there twice, and nothing shall hide.
	for _, n := range s.text(string(data)) {
		if !slices.ContainsFunc(found, func(f Finding) bool { return f.Secret == s.patterns[n].secret }) {
			found = append(found, s.finding(n, part, digest, ""))
		}
	}
	return found
}

// fields calls found for each pattern in a key or a string below value, which is at field.
func (s *Search) fields(value any, field string, found func(pattern int, field string)) {
	switch v := value.(type) {
	case string:
		for _, n := range s.text(v) {
			found(n, field)
		}
	case []any:
		for i, child := range v {
			s.fields(child, fmt.Sprintf("%s[%d]", field, i), found)
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			below := field + "." + key
			for _, n := range s.text(key) {
				found(n, below)
			}
			s.fields(v[key], below, found)
		}
	}
}
