package dockerfile

import (
	"bytes"

	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// comments finds the comment lines. The parser keeps only some of them, and none with a line number. Lines in a heredoc
// are data.
func comments(data []byte, nodes []*parser.Node) []Comment {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	var found []Comment
	for i, line := range bytes.Split(data, []byte("\n")) {
		text, isComment := bytes.CutPrefix(bytes.TrimSpace(line), []byte("#"))
		number := i + 1
		for len(nodes) > 0 && nodes[0].EndLine < number {
			nodes = nodes[1:]
		}
		inHeredoc := len(nodes) > 0 && nodes[0].StartLine <= number && len(nodes[0].Heredocs) > 0
		if isComment && !inHeredoc {
			found = append(found, Comment{Line: number, Text: string(bytes.TrimSpace(text))})
		}
	}
	return found
}
