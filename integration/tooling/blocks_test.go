package tooling

import (
	"slices"
	"strings"
	"testing"
)

// blocks are the commands of a page's indented blocks, each block a list of lines. What follows three spaces and a # is for
// people.
func blocks(page string) [][]string {
	var found [][]string
	var block []string
	fenced := false
	for line := range strings.Lines(page + "\n\n.") {
		line = strings.TrimRight(line, "\n")
		text, indented := strings.CutPrefix(line, "    ")
		switch {
		case strings.HasPrefix(line, "```"):
			fenced = !fenced
		case fenced, line == "":
		case indented:
			command, _, _ := strings.Cut(text, "   # ")
			if command = strings.TrimSpace(command); !strings.HasPrefix(command, "# ") {
				block = append(block, command)
			}
		case len(block) > 0:
			found, block = append(found, block), nil
		}
	}
	return found
}

func TestBlocks(t *testing.T) {
	page := "# Title\n\nText:\n\n    one --flag   # why\n    two\n\n    three # not a remark: '#'\n\nMore.\n\n```sh\n    no command\n```\n\n    four"
	want := [][]string{{"one --flag", "two", "three # not a remark: '#'"}, {"four"}}
	got := blocks(page)
	if !slices.EqualFunc(got, want, slices.Equal[[]string]) {
		t.Errorf("got %q, want %q", got, want)
	}
}
