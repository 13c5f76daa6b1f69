package render

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"text/template/parse"
)

// onlyValues checks that a template only fills in values: with conditions and loops it would no longer read as a Dockerfile.
// A value may have words ({{.Sources "go.mod"}}) and, with `or`, a default. A quoted string is allowed too, for a Dockerfile
// that needs braces of its own: {{"{{"}}.
func onlyValues(path string, data []byte, root *parse.ListNode) error {
	var problems []error
	for _, node := range root.Nodes {
		if node.Type() == parse.NodeText || isValue(node) {
			continue
		}
		line := 1 + bytes.Count(data[:node.Position()], []byte("\n"))
		text, _, _ := strings.Cut(node.String(), "}}")
		problems = append(problems, fmt.Errorf("%s:%d: %s}} is not a value; a template fills in {{.%s}}, with a default {{or .Command `DEFAULT`}}, and nothing else",
			path, line, text, strings.Join(fields(), "}}, {{.")))
	}
	return errors.Join(problems...)
}

func isValue(node parse.Node) bool {
	action, ok := node.(*parse.ActionNode)
	if !ok || len(action.Pipe.Decl) > 0 || len(action.Pipe.Cmds) != 1 {
		return false
	}
	words := action.Pipe.Cmds[0].Args
	if or, ok := words[0].(*parse.IdentifierNode); ok && or.Ident == "or" && len(words) == 3 {
		return isField(words[1]) && (isField(words[2]) || isText(words[2]))
	}
	if len(words) == 1 && isText(words[0]) {
		return true
	}
	return isField(words[0]) && !slices.ContainsFunc(words[1:], func(n parse.Node) bool { return !isText(n) })
}

func isText(node parse.Node) bool { return node.Type() == parse.NodeString }

func isField(node parse.Node) bool {
	field, ok := node.(*parse.FieldNode)
	return ok && len(field.Ident) == 1 && slices.Contains(fields(), field.Ident[0])
}

// fields lists what a template may fill in.
func fields() []string {
	var names []string
	values := reflect.TypeFor[Values]()
	for field := range values.Fields() {
		if field.IsExported() {
			names = append(names, field.Name)
		}
	}
	for method := range values.Methods() {
		names = append(names, method.Name)
	}
	return names
}
