package lint

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.com/stagecraft/internal/dockerfile"
)

// editor is a Dockerfile that a fix is applied to.
type editor struct {
	text string
	line int // of the finding; 0 for the whole file
	file *dockerfile.File
}

func newEditor(t *testing.T, text string, line int) *editor {
	t.Helper()
	file, err := dockerfile.Parse("Dockerfile", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return &editor{text, line, file}
}

// span are the first and last line of the instruction that the finding is about.
func (e *editor) span() (first, last int) { return e.line, e.endOf(e.line) }

func (e *editor) endOf(line int) int {
	for _, s := range e.file.Stages {
		for _, in := range s.Instructions {
			if in.Line == line {
				return in.End
			}
		}
	}
	return line
}

// stage is the one that the finding is in.
func (e *editor) stage() *dockerfile.Stage {
	stage := e.file.Stages[0]
	for _, s := range e.file.Stages {
		if s.Line <= e.line {
			stage = s
		}
	}
	return stage
}

// change replaces the instruction that the finding is about by what edit makes of it.
func (e *editor) change(edit func(instruction string) string) {
	first, last := e.span()
	lines := strings.Split(e.text, "\n")
	changed := edit(strings.Join(lines[first-1:last], "\n"))
	e.text = strings.Join(slices.Concat(lines[:first-1], strings.Split(changed, "\n"), lines[last:]), "\n")
}

func (e *editor) replace(pattern, by string) {
	e.change(func(s string) string { return regexp.MustCompile(pattern).ReplaceAllString(s, by) })
}

// insertAbove puts a line above the instruction.
func (e *editor) insertAbove(line string) {
	e.change(func(s string) string { return line + "\n" + s })
}

// remove takes the instruction out; lines keep their numbers.
func (e *editor) remove() {
	e.change(func(s string) string { return strings.Repeat("#\n", strings.Count(s, "\n")) + "#" })
}

// add puts a line at the end of the finding's stage.
func (e *editor) add(line string) {
	s := e.stage()
	end := s.Line
	if n := len(s.Instructions); n > 0 {
		end = s.Instructions[n-1].End
	}
	lines := strings.Split(e.text, "\n")
	e.text = strings.Join(slices.Insert(lines, end, line), "\n")
}

// prefix puts words in front of the command of a RUN: behind its own flags, or as the first line of its heredoc.
func (e *editor) prefix(flags, command string) {
	e.change(func(s string) string {
		s = regexp.MustCompile(`^(?i)(ONBUILD\s+)?RUN\s+`).ReplaceAllString(s, "${0}"+strings.ReplaceAll(flags, "$", "$$")+" ")
		first, rest, heredoc := strings.Cut(s, "\n")
		switch {
		case command == "":
		case heredoc && strings.Contains(first, "<<"):
			s = first + "\n" + command + "\n" + rest
		default:
			s = regexp.MustCompile(`(?s)^(RUN\s+(?:--\S+\s+(?:\\\n\s*)?)*)(.*)$`).ReplaceAllString(s, "${1}"+command+" && ${2}")
		}
		return s
	})
}
