package catalog

import (
	"bytes"
	"errors"
	"fmt"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// Limits that no honest service.yaml comes near. They keep a binary file, or a few anchors that multiply each other,
// from costing more than a line of report.
const (
	maxFile  = 256 << 10
	maxNodes = 20_000
	maxDepth = 40
)

// document parses data as one YAML document and returns its root node.
func (r *reader) document(data []byte) (*yaml.Node, bool) {
	if line := firstBadLine(data); line > 0 {
		r.problems = append(r.problems, Problem{r.file, line, "", "is not text in UTF-8; save it as such"})
		return nil, false
	}
	var nodes []yaml.Node
	if err := yaml.Load(data, &nodes, yaml.WithAllDocuments()); err != nil {
		r.problems = append(r.problems, syntaxProblem(r.file, err))
		return nil, false
	}
	if len(nodes) == 0 || len(nodes[0].Content) == 0 {
		r.problems = append(r.problems, Problem{r.file, 1, "", "is empty; copy another service's service.yaml"})
		return nil, false
	}
	if len(nodes) > 1 {
		r.problems = append(r.problems, Problem{r.file, nodes[1].Line, "", "holds a second document; one file describes one service: remove the line ---"})
		return nil, false
	}
	budget := maxNodes
	if err := measure(&nodes[0], maxDepth, &budget); err != nil {
		r.problems = append(r.problems, Problem{r.file, 1, "", err.Error()})
		return nil, false
	}
	return nodes[0].Content[0], true
}

// measure walks everything that later steps may walk, aliases included, so that they need no limits of their own.
func measure(n *yaml.Node, depth int, budget *int) error {
	*budget--
	if *budget < 0 {
		return fmt.Errorf("has more than %d values, aliases counted as often as they are used; write fewer", maxNodes)
	}
	if depth == 0 {
		return fmt.Errorf("is nested deeper than %d levels, or an anchor holds an alias of itself; flatten it", maxDepth)
	}
	if n.Alias != nil {
		return measure(n.Alias, depth-1, budget)
	}
	for _, child := range n.Content {
		if err := measure(child, depth-1, budget); err != nil {
			return err
		}
	}
	return nil
}

// syntaxProblem turns the parser's error into a line of ours.
func syntaxProblem(file string, err error) Problem {
	problem := Problem{File: file, Line: 1, Message: "is not YAML: " + unquote(err.Error())}
	var at *yaml.LoadError
	if errors.As(err, &at) {
		problem.Message = "is not YAML: " + unquote(at.Message)
		if at.ContextMsg != "" {
			problem.Message += fmt.Sprintf(" (%s, from line %d)", at.ContextMsg, at.ContextMark.Line)
		}
		problem.Line = max(1, at.Mark.Line)
	}
	return problem
}

// firstBadLine is the line of the first byte that is not text, or 0. The YAML parser rejects such bytes too, but does
// not tell where they are.
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
