package catalog

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// methods are the keys of a check that name its request: method and path in one.
var methods = []string{"get", "head", "post", "put", "patch", "delete"}

func (r *reader) checks(n *yaml.Node, at string) []Check {
	var checks []Check
	lines := map[string]int{}
	r.list(n, at, func(n *yaml.Node, at string) {
		c := r.check(n, at)
		if first := lines[c.Name]; c.Name != "" && first != 0 {
			r.add(n, join(at, "name"), "%s names the check on line %d too; give it another name", quote(c.Name), first)
		}
		lines[c.Name] = n.Line
		checks = append(checks, c)
	})
	if n = deref(n); n.Kind == yaml.SequenceNode && len(n.Content) == 0 {
		r.add(n, at, "is empty; add a check, such as {name: greets, get: /, expect: {status: 200}}")
	}
	return checks
}

func (r *reader) check(n *yaml.Node, at string) Check {
	var c Check
	fields := []field{
		{"name", required, func(n *yaml.Node, at string) { c.Name = r.line(n, at, maxCheckName) }},
		{"headers", !required, func(n *yaml.Node, at string) { c.Headers = r.headers(n, at, r.headerValue) }},
		{"json", !required, func(n *yaml.Node, at string) {
			if value, ok := r.json(n, at); ok {
				c.Body, _ = json.Marshal(value)
			}
		}},
		{"body", !required, func(n *yaml.Node, at string) {
			text, _ := r.text(n, at)
			c.Body = []byte(text)
		}},
		{"expect", required, func(n *yaml.Node, at string) { c.Expect = r.expect(n, at) }},
	}
	for _, method := range methods {
		fields = append(fields, field{method, !required, func(n *yaml.Node, at string) {
			c.Method = strings.ToUpper(method)
			c.Path, _ = r.matching(n, at, target)
		}})
	}
	present := r.object(n, at, fields...)
	if present == nil {
		return c
	}

	requests := slices.DeleteFunc(slices.Clone(methods), func(method string) bool { return present[method] == nil })
	switch {
	case len(requests) == 0:
		r.add(n, at, "asks for nothing; add one of %s with a path, such as get: /", strings.Join(methods, ", "))
	case len(requests) > 1:
		r.add(n, at, "asks for %s at once; make each a check of its own", strings.Join(requests, " and "))
	case (present["get"] != nil || present["head"] != nil) && (present["json"] != nil || present["body"] != nil):
		r.add(n, at, "sends a body with %s; use post, put, patch or delete, or remove the body", c.Method)
	case present["head"] != nil && (c.Expect.JSON != nil || c.Expect.Body != nil || c.Expect.Matches != ""):
		r.add(n, join(at, "expect"), "looks at a body, which an answer to HEAD never has; use get")
	}
	if present["json"] != nil && present["body"] != nil {
		r.add(n, at, "has both json and body; remove one")
	}
	if present["json"] != nil {
		c.Headers = withMediaType(c.Headers)
	}
	return c
}

// withMediaType adds the header that belongs to a body of JSON, unless the check has one.
func withMediaType(headers map[string]string) map[string]string {
	for name := range headers {
		if strings.EqualFold(name, "content-type") {
			return headers
		}
	}
	all := map[string]string{"content-type": "application/json"}
	maps.Copy(all, headers)
	return all
}

func (r *reader) expect(n *yaml.Node, at string) Expect {
	var e Expect
	present := r.object(
		n, at,
		field{"status", required, func(n *yaml.Node, at string) { e.Status = r.number(n, at, 200, 599) }},
		field{"headers", !required, func(n *yaml.Node, at string) { e.Headers = r.headers(n, at, r.expression) }},
		field{"json", !required, func(n *yaml.Node, at string) {
			value, ok := r.json(n, at)
			if ok && value == nil {
				r.add(deref(n), at, "is null, which would look at nothing; write body: \"null\"")
			}
			e.JSON = value
		}},
		field{"body", !required, func(n *yaml.Node, at string) {
			if text, ok := r.text(n, at); ok {
				e.Body = &text
			}
		}},
		field{"matches", !required, func(n *yaml.Node, at string) { e.Matches = r.expression(n, at) }},
	)
	if present["json"] != nil && present["body"] != nil {
		r.add(n, at, "has both json and body; remove one")
	}
	return e
}

// headers reads names and values; names that differ only in case are the same header.
func (r *reader) headers(n *yaml.Node, at string, read func(n *yaml.Node, at string) string) map[string]string {
	entries, _ := r.entries(n, at)
	headers := make(map[string]string, len(entries))
	lines := map[string]int{}
	for _, e := range entries {
		at, lower := join(at, e.name), strings.ToLower(e.name)
		if !headerName.MatchString(e.name) {
			r.add(e.key, at, "is %s; write %s", quote(e.name), headerName.want)
		}
		if lines[lower] != 0 {
			r.add(e.key, at, "is the header of line %d again; remove one", lines[lower])
		}
		lines[lower] = e.key.Line
		headers[e.name] = read(e.value, at)
	}
	return headers
}

func (r *reader) headerValue(n *yaml.Node, at string) string {
	text, _ := r.matching(n, at, oneLine)
	return text
}
