package catalog

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// Limits that no honest file comes near. They keep a binary file, or a few anchors that multiply each other, from costing
// more than a line of report.
const (
	maxFile  = 256 << 10
	maxNodes = 20_000
	maxDepth = 40
)

// document is a YAML file as the JSON value that a schema validates, with the place of each part.
type document struct {
	file     string
	value    any // in the types that encoding/json decodes into an any; numbers are json.Number
	root     *part
	problems Problems
	left     int // values that may still be read
}

// part is one value of a document.
type part struct {
	node     *yaml.Node       // aliases followed
	line     int              // of its key or, in a list, of itself
	at       string           // the path of keys: checks[0].expect.status
	children map[string]*part // by key or index
	bad      bool             // reported already
}

// read parses data, which must be one YAML document. Problems are noted in the document; it has no root when none of it can
// be read.
func read(file string, data []byte) *document {
	d := &document{file: file, left: maxNodes}
	if len(data) > maxFile {
		return d.fail(0, fmt.Sprintf("is larger than %d KiB; facts are a page of text", maxFile>>10))
	}
	if line := firstBadLine(data); line > 0 {
		return d.fail(line, "is not text in UTF-8; save it as such")
	}
	var nodes []yaml.Node
	if err := yaml.Load(data, &nodes, yaml.WithAllDocuments()); err != nil {
		return d.fail(syntaxProblem(err))
	}
	if len(nodes) == 0 || len(nodes[0].Content) == 0 {
		return d.fail(1, "is empty; copy the file of another service or project")
	}
	if len(nodes) > 1 {
		return d.fail(nodes[1].Line, "contains a second document; remove the line ---")
	}
	root := &part{line: nodes[0].Content[0].Line}
	value, err := d.convert(nodes[0].Content[0], root, maxDepth)
	if err != nil {
		d.problems = nil
		return d.fail(1, err.Error())
	}
	d.value, d.root = value, root
	return d
}

// fail notes a problem of the whole file.
func (d *document) fail(line int, message string) *document {
	d.problems = append(d.problems, Problem{File: d.file, Line: line, Message: message})
	return d
}

// add notes a problem of a part. Of a scalar, the first one counts: what else is wrong with it follows from that.
func (d *document) add(p *part, format string, args ...any) {
	if !p.bad {
		d.problems = append(d.problems, Problem{d.file, p.node.Line, p.at, fmt.Sprintf(format, args...)})
	}
	p.bad = p.bad || p.node.Kind == yaml.ScalarNode
}

// find is the part at a path of keys and indexes, or the last one on the way that is written in the file.
func (d *document) find(path ...string) *part {
	at := d.root
	for _, key := range path {
		next := at.children[key]
		if next == nil {
			return at
		}
		at = next
	}
	return at
}

// convert turns a node into a JSON value and fills in its part. The error is for a document that is too large to go on.
func (d *document) convert(n *yaml.Node, p *part, depth int) (any, error) {
	if d.left--; d.left < 0 {
		return nil, fmt.Errorf("has more than %d values, aliases counted as often as they are used; write fewer", maxNodes)
	}
	if depth == 0 {
		return nil, fmt.Errorf("is nested deeper than %d levels, or an anchor contains an alias of itself; flatten it", maxDepth)
	}
	if n.Kind == yaml.AliasNode {
		return d.convert(n.Alias, p, depth-1)
	}
	p.node, p.children = n, map[string]*part{}
	switch n.Kind {
	case yaml.MappingNode:
		return d.object(n, p, depth)
	case yaml.SequenceNode:
		list := []any{}
		for i, child := range n.Content {
			c := &part{line: child.Line, at: fmt.Sprintf("%s[%d]", p.at, i)}
			value, err := d.convert(child, c, depth-1)
			if err != nil {
				return nil, err
			}
			list, p.children[strconv.Itoa(i)] = append(list, value), c
		}
		return list, nil
	}
	switch n.ShortTag() {
	case "!!str", "!!timestamp": // a plain date is text, as in YAML 1.2
		return n.Value, nil
	case "!!null":
		return nil, nil
	case "!!bool", "!!int", "!!float":
		if value, ok := literal(n.Value); ok {
			return value, nil
		}
	}
	d.add(p, "is %s in a form that JSON does not have; write it as JSON does, or in quotes", describe(n))
	return nil, nil
}

// object reads the keys of a mapping.
func (d *document) object(n *yaml.Node, p *part, depth int) (map[string]any, error) {
	object := map[string]any{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		c := &part{node: key, line: key.Line, at: join(p.at, key.Value)}
		if key.Kind != yaml.ScalarNode {
			d.add(&part{node: key, at: p.at}, "has a key that is %s; keys are words", describe(key))
		} else if before := p.children[key.Value]; before != nil {
			d.add(c, "is written twice, first on line %d; remove one", before.line)
		} else {
			converted, err := d.convert(value, c, depth-1)
			if err != nil {
				return nil, err
			}
			object[key.Value], p.children[key.Value] = converted, c
		}
	}
	return object, nil
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

// describe names what a person wrote, for a message about a wrong type.
func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return "an alias"
	}
	switch tag := n.ShortTag(); tag {
	case "!!null":
		return "nothing"
	case "!!bool":
		return "true or false"
	case "!!int", "!!float":
		return "the number " + unquote(n.Value)
	case "!!str", "!!timestamp":
		return "the text " + quote(n.Value)
	default:
		return "a value with the tag " + unquote(tag)
	}
}

// syntaxProblem is the line and the text of the parser's error.
func syntaxProblem(err error) (line int, message string) {
	var at *yaml.LoadError
	if !errors.As(err, &at) {
		return 1, "is not YAML: " + unquote(err.Error())
	}
	message = "is not YAML: " + unquote(at.Message)
	if at.ContextMsg != "" {
		message += fmt.Sprintf(" (%s, from line %d)", at.ContextMsg, at.ContextMark.Line)
	}
	return max(1, at.Mark.Line), message
}

// firstBadLine is the line of the first byte that is not text, or 0. The YAML parser rejects such bytes too, but does not
// say where they are.
func firstBadLine(data []byte) int {
	for i := 0; i < len(data); {
		char, width := utf8.DecodeRune(data[i:])
		if char == utf8.RuneError && width == 1 || char < ' ' && char != '\n' && char != '\r' && char != '\t' || char == 0x7f {
			return 1 + bytes.Count(data[:i], []byte("\n"))
		}
		i += width
	}
	return 0
}

// join adds a key to a path of keys.
func join(at, key string) string {
	if at == "" {
		return unquote(key)
	}
	return at + "." + unquote(key)
}

// quote shows what a file holds, on one line whatever it is.
func quote(text string) string {
	if runes := []rune(text); len(runes) > 60 {
		text = string(runes[:57]) + "..."
	}
	return strconv.QuoteToASCII(text)
}

// unquote is quote without the quotation marks.
func unquote(text string) string {
	quoted := quote(text)
	return quoted[1 : len(quoted)-1]
}
