package catalog

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"go.yaml.in/yaml/v4"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"example.com/stagecraft/docs"
)

// The schemas, in docs.
const (
	projectSchema = "project.schema.json"
	serviceSchema = "service.schema.json"
	schemaURL     = "schema:///"
)

// plainSchemas are the schemas as JSON. What they say to people (errorMessage and patternErrorMessage, which editors show
// too) is not in a compiled schema.
var plainSchemas = map[string]any{projectSchema: plainSchema(projectSchema), serviceSchema: plainSchema(serviceSchema)}

func plainSchema(name string) any {
	data, err := docs.Schemas.ReadFile(name)
	if err != nil {
		panic(err)
	}
	schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		panic(fmt.Errorf("docs/%s: %w", name, err))
	}
	return schema
}

// compiled are the schemas as validators. It is a panic if one of them is not a JSON Schema: they are part of the program.
var compiled = sync.OnceValue(func() map[string]*jsonschema.Schema {
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	for name, check := range formats {
		compiler.RegisterFormat(&jsonschema.Format{Name: name, Validate: check})
	}
	for name, schema := range plainSchemas {
		if err := compiler.AddResource(schemaURL+name, schema); err != nil {
			panic(err)
		}
	}
	schemas := map[string]*jsonschema.Schema{}
	for name := range plainSchemas {
		schemas[name] = compiler.MustCompile(schemaURL + name)
	}
	return schemas
})

// schemaAt is the part of a schema that a URL such as schema:///service.schema.json#/$defs/word points to.
func schemaAt(location string) map[string]any {
	name, pointer, _ := strings.Cut(strings.TrimPrefix(location, schemaURL), "#")
	value := plainSchemas[name]
	for _, key := range strings.Split(pointer, "/")[1:] {
		key, _ = url.PathUnescape(key)
		value = child(value, strings.NewReplacer("~1", "/", "~0", "~").Replace(key))
	}
	object, _ := value.(map[string]any)
	return object
}

// formats are forms of values that a pattern cannot describe. Editors ignore those that they do not know.
var formats = map[string]func(value any) error{
	"size": func(value any) error {
		text, ok := value.(string)
		if !ok {
			return nil
		}
		_, err := ParseBytes(text)
		return err
	},
	"re2": func(value any) error {
		text, ok := value.(string)
		if ok && text == "" {
			return errors.New("is empty and matches everything; write an expression or remove the key")
		}
		if _, err := regexp.Compile(text); err != nil {
			return fmt.Errorf("is not a regular expression of RE2: %s", unquote(strings.TrimPrefix(err.Error(), "error parsing regexp: ")))
		}
		return nil
	},
	"path": func(value any) error {
		if text, ok := value.(string); ok && text != "" && path.Clean(text) != text {
			return fmt.Errorf("is %s; write %s", quote(text), unquote(path.Clean(text)))
		}
		return nil
	},
	"digits": func(value any) error {
		if number, ok := value.(json.Number); ok && strings.Trim(number.String(), "0123456789") != "" {
			return fmt.Errorf("is %s; write a whole number above zero, in digits", unquote(number.String()))
		}
		return nil
	},
}

// choices are the values of the enum at a place of the schema.
func choices(location string) []string {
	var texts []string
	values, _ := schemaAt(location)["enum"].([]any)
	for _, value := range values {
		if text, ok := value.(string); ok {
			texts = append(texts, text)
		}
	}
	return texts
}

// SecretNames are the build secrets that a service may ask for. The CA bundle, id=ca, is not among them: every build is
// offered it.
var SecretNames = choices("service.schema.json#/properties/build_secrets/items/allOf/1")

// PromiseKeys are the promises that a service may waive.
var PromiseKeys = choices("service.schema.json#/$defs/waiver/properties/promise")

// validate notes everything in the document that its schema does not allow, and removes it from the value: what is left can
// be decoded.
func (d *document) validate(schema string) {
	var invalid *jsonschema.ValidationError
	if errors.As(compiled()[schema].Validate(d.value), &invalid) {
		d.explain(invalid)
	}
}

// explain turns a tree of errors into problems, each with the way to fix it.
func (d *document) explain(e *jsonschema.ValidationError) {
	schema, p := schemaAt(e.SchemaURL), d.find(e.InstanceLocation...)
	said, _ := schema["errorMessage"].(string)
	form, _ := schema["patternErrorMessage"].(string)
	text := p.node.Value
	switch k := e.ErrorKind.(type) {
	case *kind.Required:
		if said == "" {
			said = "is missing; add it"
		}
		for _, key := range k.Missing {
			d.add(&part{node: p.node, at: join(p.at, key)}, "%s", said)
		}
		return
	case *kind.AdditionalProperties:
		d.unknown(e.InstanceLocation, k.Properties, schema, form)
		return
	case *kind.UniqueItems:
		item := p.children[strconv.Itoa(k.Duplicates[1])]
		d.add(item, "lists %s a second time; remove it", unquote(item.node.Value))
		return
	case *kind.OneOf, *kind.Not, *kind.MinItems:
		d.add(p, "%s", said)
		return
	case *kind.Type:
		d.add(p, "%s", mistyped(k, p, schema))
		p.bad = true
	case *kind.Enum:
		var choices []string
		for _, choice := range k.Want {
			choices = append(choices, fmt.Sprint(choice))
		}
		d.add(p, "is %s; %s", quote(text), Hint(text, choices))
	case *kind.Pattern:
		d.add(p, "is %s; write %s", quote(text), form)
	case *kind.Format:
		if formats[k.Want] == nil { // the library's own, such as date
			d.add(p, "is %s; write %s", quote(text), form)
		} else {
			d.add(p, "%s", k.Err)
		}
	case *kind.MaxLength:
		d.add(p, "has %d characters; write at most %d", k.Got, k.Want)
	case *kind.Minimum, *kind.Maximum:
		d.add(p, "is %s; write a number from %v to %v", unquote(text), schema["minimum"], schema["maximum"])
	default:
		if len(e.Causes) == 0 {
			d.add(p, "%s", unquote(k.LocalizedString(message.NewPrinter(language.English))))
		}
		for _, cause := range e.Causes {
			d.explain(cause)
		}
		return
	}
	d.remove(e.InstanceLocation)
}

// unknown reports keys that the schema does not have.
func (d *document) unknown(location, keys []string, schema map[string]any, form string) {
	properties, _ := schema["properties"].(map[string]any)
	p := d.find(location...)
	for _, key := range keys {
		unknown := &part{node: &yaml.Node{Line: p.children[key].line}, at: join(p.at, key)}
		if form != "" {
			d.add(unknown, "is %s; write %s", quote(key), form)
		} else {
			d.add(unknown, "is not a key here; %s", Hint(key, slices.Sorted(maps.Keys(properties))))
		}
		d.remove(append(slices.Clone(location), key))
	}
}

// mistyped says which type is wanted and what is there instead.
func mistyped(k *kind.Type, p *part, schema map[string]any) string {
	there, text := describe(p.node), p.node.Value
	isNumber, isScalar := k.Got == "number", p.node.Kind == yaml.ScalarNode && k.Got != "null"
	want := k.Want[0]
	if slices.Contains(k.Want, "string") {
		want = "string"
	}
	switch {
	case want == "string" && isNumber && schema["format"] == "size":
		return "has no unit; write it as " + suggestSize(text)
	case want == "string" && isScalar:
		return fmt.Sprintf("must be text, not %s; write it in quotes: %s", there, quote(text))
	case want == "string":
		return "must be text, not " + there
	case want == "integer" && k.Got == "string" && strings.Trim(text, "0123456789") == "":
		return "must be a number, not text; remove the quotes"
	case want == "integer":
		return fmt.Sprintf("must be a whole number from %v to %v, not %s", schema["minimum"], schema["maximum"], there)
	case want == "array":
		return "must be a list, not " + there
	default:
		return "must be a mapping (key: value), not " + there
	}
}

// remove takes a value out of the document. An element of a list leaves nothing behind in its place.
func (d *document) remove(location []string) {
	if len(location) == 0 {
		d.value = map[string]any{}
		return
	}
	in, last := d.value, len(location)-1
	for _, key := range location[:last] {
		in = child(in, key)
	}
	switch in := in.(type) {
	case map[string]any:
		delete(in, location[last])
	case []any:
		i, _ := strconv.Atoi(location[last])
		in[i] = nil
	}
}

func child(in any, key string) any {
	switch in := in.(type) {
	case map[string]any:
		return in[key]
	case []any:
		i, _ := strconv.Atoi(key)
		return in[i]
	}
	return nil
}
