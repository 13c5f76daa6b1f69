package lint

import (
	"regexp"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"example.com/stagecraft/internal/dockerfile"
)

// variable is one with its name, and its default in ${NAME:-default} or ${NAME-default}.
var variable = regexp.MustCompile(`\$(?:(\w+)|\{(\w+)(?:(:?-)([^${}]*))?\})`)

// expandIn replaces variables by what the ARG and ENV of stages say in the end; others stay.
func (d *Dockerfile) expandIn(stages []*dockerfile.Stage, word string) string {
	if !strings.Contains(word, "$") {
		return word
	}
	values := d.valuesIn(stages)
	for range 3 { // values may hold variables too
		word = variable.ReplaceAllStringFunc(word, func(v string) string {
			m := variable.FindStringSubmatch(v)
			switch value, ok := values[m[1]+m[2]]; {
			case len(word) >= maxWord:
				return v
			case ok && (value != "" || m[3] != ":-"):
				return unquoted(value)
			case m[3] != "":
				return m[4]
			}
			return v
		})
	}
	return word
}

// unquoted is a value as the build uses it: the parser keeps the quotes around it.
func unquoted(value string) string { return strings.Trim(value, `"'`) }

// maxWord bounds what variables that hold each other can grow to.
const maxWord = 4096

// valuesIn are the variables of stages, the last one first.
func (d *Dockerfile) valuesIn(stages []*dockerfile.Stage) map[string]string {
	if cached, ok := d.values[stages[0]]; ok {
		return cached
	}
	values, global := map[string]string{}, map[string]string{}
	for _, a := range d.Args {
		global[a.Key] = a.ValueString()
	}
	for i := len(stages) - 1; i >= 0; i-- {
		for _, in := range stages[i].Instructions {
			switch c := in.Command.(type) {
			case *instructions.ArgCommand:
				for _, a := range c.Args {
					if a.Value != nil {
						values[a.Key] = *a.Value
					} else if value := global[a.Key]; value != "" {
						values[a.Key] = value
					}
				}
			case *instructions.EnvCommand:
				for _, e := range c.Env {
					values[e.Key] = e.Value
				}
			}
		}
	}
	if d.values == nil {
		d.values = map[*dockerfile.Stage]map[string]string{}
	}
	d.values[stages[0]] = values
	return values
}
