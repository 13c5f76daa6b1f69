package catalog

import (
	"fmt"
	"strings"
)

// Problem is one thing that is wrong with one file of the catalog.
type Problem struct {
	File    string // relative to the repository's root, with forward slashes
	Line    int    // 0 when the problem has no line
	Key     string // path of the key, such as size.linux/amd64.pull; empty when the whole file is meant
	Message string // what is wrong and how to fix it
}

// String is the problem in one line: file:line: key: message.
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d", p.Line)
	}
	if p.Key != "" {
		b.WriteString(": " + p.Key)
	}
	return b.String() + ": " + p.Message
}

// Problems is everything that Load found wrong, in the order of files and lines.
//
//nolint:errname // it is a list first, and an error as a whole
type Problems []Problem

// Error joins the problems, one a line.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = problem.String()
	}
	return strings.Join(lines, "\n")
}
