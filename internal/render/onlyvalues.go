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

// onlyValues holds a template to plain substitutions: with conditions and loops it would no longer read as a Dockerfile.
// A quoted string is allowed, for a Dockerfile that needs braces of its own: {{"{{"}}.
func onlyValues(path string, data []byte, root *parse.ListNode) error {
	var problems []error
	for _, node := range root.Nodes {
		if node.Type() == parse.NodeText || isValue(node) {
			continue
		}
		line := 1 + bytes.Count(data[:node.Position()], []byte("\n"))
		text, _, _ := strings.Cut(node.String(), "}}")
		problems = append(problems, fmt.Errorf("%s:%d: %s}} is not a value; a template fills in {{.%s}} and nothing else",
			path, line, text, strings.Join(fields(), "}}, {{.")))
	}
	return errors.Join(problems...)
}

func isValue(node parse.Node) bool {
	action, ok := node.(*parse.ActionNode)
	if !ok || len(action.Pipe.Decl) > 0 || len(action.Pipe.Cmds) != 1 || len(action.Pipe.Cmds[0].Args) != 1 {
		return false
	}
	switch argument := action.Pipe.Cmds[0].Args[0].(type) {
	case *parse.FieldNode:
		return len(argument.Ident) == 1 && slices.Contains(fields(), argument.Ident[0])
	case *parse.StringNode:
		return true
	}
	return false
}

// fields lists what a template may fill in.
func fields() []string {
	var names []string
	for field := range reflect.TypeFor[values]().Fields() {
		names = append(names, field.Name)
	}
	return names
}
