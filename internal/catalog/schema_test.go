package catalog

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

var schemaFile = filepath.Join("..", "..", "docs", "service.schema.json")

// compileSchema also checks the schema against JSON Schema's own.
func compileSchema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	schema, err := compiler.Compile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// plain is a YAML document as the JSON value that editors hold against the schema. Not all documents have one.
func plain(document string) (any, bool) {
	r := &reader{}
	node, ok := r.document([]byte(document))
	if !ok {
		return nil, false
	}
	value, ok := r.json(node, "")
	return value, ok && len(r.problems) == 0
}

func TestSchemaAgreesWithLoader(t *testing.T) {
	schema := compileSchema(t)
	for _, c := range goodCases {
		value, ok := plain(edited(t, c.old, c.new))
		if err := schema.Validate(value); !ok || err != nil {
			t.Errorf("%s: the loader accepts it, the schema says: %v", c.name, err)
		}
	}
	for _, c := range badCases {
		value, ok := plain(edited(t, c.old, c.new))
		accepted := !ok || schema.Validate(value) == nil
		switch {
		case accepted && !c.loaderOnly:
			t.Errorf("the schema accepts what the loader does not: %s", c.want[0])
		case !accepted && c.loaderOnly:
			t.Errorf("the schema knows it too, remove the mark loaderOnly: %s", c.want[0])
		}
	}
}

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

// The loader knows every key of the schema: the full document has them all and loads.
func TestFullDocumentHasEveryKey(t *testing.T) {
	missing := keys(t)
	document, _ := plain(fullDocument(t))
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

func TestSchemaHasTheLoadersPatterns(t *testing.T) {
	definitions := readSchema(t)["$defs"].(map[string]any)
	for name, want := range map[string]*regexp.Regexp{
		"word": word.Regexp, "line": oneLine.Regexp, "variable": variable.Regexp, "headerName": headerName.Regexp,
		"target": target.Regexp, "plainPath": plainPath.Regexp, "folder": folder.Regexp, "size": size,
	} {
		if got := definitions[name].(map[string]any)["pattern"]; got != want.String() {
			t.Errorf("$defs/%s has the pattern %s, the loader %s", name, got, want)
		}
	}
}

func readSchema(t testing.TB) map[string]any {
	t.Helper()
	data, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	var schema map[string]any
	if err := json.Unmarshal(data, &schema); err != nil {
		t.Fatal(err)
	}
	return schema
}

// keys walks the schema and returns each key that a document may have, as a path such as checks[].expect.status, with
// its part of the schema.
func keys(t testing.TB) map[string]map[string]any {
	t.Helper()
	root := readSchema(t)
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
