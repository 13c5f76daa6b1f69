package catalog

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Each key of the schema has a bad case, so that a new key cannot come without one.
func TestEveryKeyHasABadCase(t *testing.T) {
	missing := keys(t)
	for _, c := range badCases {
		for _, line := range c.want {
			// line: key: message
			if _, rest, ok := strings.Cut(line, ": "); ok {
				key, _, _ := strings.Cut(rest, ": ")
				delete(missing, regexp.MustCompile(`\[\d+\]`).ReplaceAllString(key, "[]"))
			}
		}
	}
	if len(missing) > 0 {
		t.Errorf("keys of docs/service.schema.json without a bad case: %s", strings.Join(slices.Sorted(maps.Keys(missing)), ", "))
	}
}

// The full document has all keys of the schema, so that loading it shows that Go decodes each.
func TestFullDocumentHasEveryKey(t *testing.T) {
	missing := keys(t)
	delete(missing, "environment.PORT") // it is there in order to be refused
	document := read("", []byte(fullDocument(t))).value
	var strike func(value any, at string)
	strike = func(value any, at string) {
		delete(missing, at)
		switch value := value.(type) {
		case map[string]any:
			for key, child := range value {
				strike(child, join(at, key))
			}
		case []any:
			for _, child := range value {
				strike(child, at+"[]")
			}
		}
	}
	strike(document, "")
	if len(missing) > 0 {
		t.Errorf("keys of docs/service.schema.json that testdata's service.yaml lacks: %s", strings.Join(slices.Sorted(maps.Keys(missing)), ", "))
	}
}

// Every key, pattern and limit that an editor shows comes with words.
func TestSchemaDescribesEveryKey(t *testing.T) {
	for key, schema := range keys(t) {
		if text, _ := schema["description"].(string); !strings.HasSuffix(text, ".") && schema["$ref"] == nil {
			t.Errorf("%s has no description that ends in a full stop", key)
		}
	}
}

// What Go names of the schema's choices and defaults is what the schema has.
func TestSchemaAgreesWithTheTypes(t *testing.T) {
	for location, want := range map[string][]string{
		"service.schema.json#/properties/protocol":                 {string(HTTP), string(GRPC), string(NoProtocol)},
		"service.schema.json#/properties/dockerfile":               {string(Rendered), string(Own)},
		"project.schema.json#/properties/platforms/items":          {string(Platforms[0]), string(Platforms[1])},
		"project.schema.json#/properties/scan/properties/severity": {string(Severities[0]), string(Severities[1]), string(Severities[2]), string(Severities[3])},
	} {
		if got := choices(location); !slices.Equal(got, want) {
			t.Errorf("%s has the choices %v, Go %v", location, got, want)
		}
	}
	sizes := schemaAt("service.schema.json#/properties/size")["properties"].(map[string]any)
	for _, platform := range Platforms {
		delete(sizes, string(platform))
	}
	if len(sizes) > 0 {
		t.Errorf("sizes of platforms that cannot be built: %v", sizes)
	}
	if got := schemaAt("service.schema.json#/$defs/word")["pattern"]; got != word.String() {
		t.Errorf("$defs/word has the pattern %s, names of languages and services %s", got, word)
	}
	if len(SecretNames) < 5 || len(PromiseKeys) < 16 {
		t.Errorf("the secrets %v and promises %v were not found in the schema", SecretNames, PromiseKeys)
	}
}

// What a schema's message is for has one, so that no problem is without words.
func TestSchemaHasAMessageForEveryForm(t *testing.T) {
	var walk func(value any, at string)
	walk = func(value any, at string) {
		object, _ := value.(map[string]any)
		for keyword, message := range map[string]string{
			"not": "errorMessage", "oneOf": "errorMessage", "minItems": "errorMessage",
			"pattern": "patternErrorMessage", "patternProperties": "patternErrorMessage",
		} {
			if object[keyword] != nil && object[message] == nil && object["format"] != "size" && !strings.HasSuffix(at, "/not") {
				t.Errorf("%s has %s and no %s", at, keyword, message)
			}
		}
		for key, value := range object {
			walk(value, at+"/"+key)
		}
		list, _ := value.([]any)
		for i, value := range list {
			walk(value, fmt.Sprintf("%s/%d", at, i))
		}
	}
	for name, schema := range plainSchemas {
		walk(schema, name)
	}
}

// keys walks the schema and returns each key that a document may have, as a path such as checks[].expect.status, with
// its part of the schema.
func keys(t testing.TB) map[string]map[string]any {
	t.Helper()
	root := plainSchemas[serviceSchema].(map[string]any)
	found := map[string]map[string]any{}
	var walk func(schema map[string]any, at string)
	walk = func(schema map[string]any, at string) {
		if reference, ok := schema["$ref"].(string); ok {
			name := strings.TrimPrefix(reference, "#/$defs/")
			walk(root["$defs"].(map[string]any)[name].(map[string]any), at)
		}
		if items, ok := schema["items"].(map[string]any); ok {
			walk(items, at+"[]")
		}
		properties, _ := schema["properties"].(map[string]any)
		for name, property := range properties {
			at := join(at, name)
			found[at] = property.(map[string]any)
			walk(property.(map[string]any), at)
		}
	}
	walk(root, "")
	if len(found) < 35 {
		t.Fatalf("the walk found %d keys only: %s", len(found), strings.Join(slices.Sorted(maps.Keys(found)), ", "))
	}
	return found
}
