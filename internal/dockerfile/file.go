// Package dockerfile reads Dockerfiles with BuildKit's own parser into stages that can be asked questions. It accepts any
// bytes: what BuildKit would refuse becomes an error or a Problem, never a panic.
package dockerfile

import (
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// File is a parsed Dockerfile.
type File struct {
	Name     string
	Args     []Argument // above the first FROM: the only ones that FROM lines see
	Stages   []*Stage
	Comments []Comment
	Problems []*SyntaxError // instructions that BuildKit refuses; the rest of the file is read all the same
	Escape   rune           // the character that joins lines: \ or `

	known  defaults
	byName map[string][]*Stage // lower case
}

// Argument is an ARG above the first FROM.
type Argument struct {
	instructions.KeyValuePairOptional
	Line int
}

// Stage is a FROM line and the instructions below it.
type Stage struct {
	Index    int
	Name     string // lower case; empty when the stage has none
	Base     string // what FROM names, with variables replaced; empty when only the build knows it
	Written  string // what FROM names, as it stands
	Platform string // FROM --platform=, as it stands
	Line     int
	Parent   *Stage // the stage that Base names; nil for an image or scratch

	Instructions []Instruction
}

// Instruction is one instruction of a stage.
type Instruction struct {
	instructions.Command
	Line, End int    // first and last line in the file
	Text      string // as written, continued lines joined
	OnBuild   bool   // it runs in builds that are FROM this image; Command is what ONBUILD holds
}

// Comment is a comment line; lines of a heredoc are data and no comments.
type Comment struct {
	Line int
	Text string // without # and surrounding space
}

// Instructions are all instructions of a file, each with its stage, in the order of the file.
func (f *File) Instructions() iter.Seq2[*Stage, Instruction] {
	return func(yield func(*Stage, Instruction) bool) {
		for _, s := range f.Stages {
			for _, in := range s.Instructions {
				if !yield(s, in) {
					return
				}
			}
		}
	}
}

// Arguments are the ARGs above the first FROM and in stages, in the order of the file.
func (f *File) Arguments() []Argument {
	all := slices.Clone(f.Args)
	for _, in := range f.Instructions() {
		if c, ok := in.Command.(*instructions.ArgCommand); ok && !in.OnBuild {
			for _, a := range c.Args {
				all = append(all, Argument{a, in.Line})
			}
		}
	}
	return all
}

// Scratch reports whether the stage starts from nothing.
func (s *Stage) Scratch() bool { return s.Parent == nil && s.Base == "scratch" }

// External reports whether the stage starts from an image outside the file, known or not.
func (s *Stage) External() bool { return s.Parent == nil && s.Base != "scratch" }

// Lineage is the stage itself, the stage that it starts from, and so on.
func (s *Stage) Lineage() []*Stage {
	var all []*Stage
	for ; s != nil; s = s.Parent {
		all = append(all, s)
	}
	return all
}

// Title names the stage in a message: its name, or its number as COPY --from takes it.
func (s *Stage) Title() string {
	if s.Name != "" {
		return s.Name
	}
	return strconv.Itoa(s.Index)
}

// Final is the stage that is built when no target is named: the last; nil in a file without stages.
func (f *File) Final() *Stage {
	if len(f.Stages) == 0 {
		return nil
	}
	return f.Stages[len(f.Stages)-1]
}

// Stage finds the stage that name means in stage number before, as COPY --from and --mount=from do: by name or number,
// among those above. It returns nil when name is an image.
func (f *File) Stage(name string, before int) *Stage {
	if s := f.named(name, before); s != nil {
		return s
	}
	if n, err := strconv.Atoi(name); err == nil && n >= 0 && n < min(before, len(f.Stages)) {
		return f.Stages[n]
	}
	return nil
}

// named finds the last stage of that name above stage number before.
func (f *File) named(name string, before int) *Stage {
	same := f.byName[strings.ToLower(name)]
	for i := len(same) - 1; i >= 0; i-- {
		if same[i].Index < before {
			return same[i]
		}
	}
	return nil
}
