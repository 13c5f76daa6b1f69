package dockerfile

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// maxSize is far above any Dockerfile that a person or a generator writes.
const maxSize = 1 << 20

// maxStages is far above what any file has, and low enough that looking at all stages from all stages takes no time.
const maxStages = 1000

// SyntaxError is something in a Dockerfile that BuildKit does not understand.
type SyntaxError struct {
	Name    string // of the file
	Line    int    // 0 when it concerns the whole file
	Message string
}

func (e *SyntaxError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.Name, e.Message)
	}
	return fmt.Sprintf("%s:%d: %s", e.Name, e.Line, e.Message)
}

// Parse reads a Dockerfile. name is used in messages only. The error is a *SyntaxError, given when nothing of the file can
// be read; single instructions that BuildKit refuses are in the File's Problems. The file is read as a build for linux/amd64
// does: files choose stages by platform, which are alike.
func Parse(name string, data []byte) (*File, error) { return ParseFor(name, data, native) }

// ParseFor is Parse as a build for a platform, such as linux/arm64, does: its stages and bases may be others.
func ParseFor(name string, data []byte, platform string) (file *File, err error) {
	if len(data) > maxSize {
		return nil, &SyntaxError{name, 0, fmt.Sprintf("larger than %d MiB: is this a Dockerfile?", maxSize>>20)}
	}
	// The library is meant for its own frontend, which runs in a container that may crash.
	defer func() {
		if r := recover(); r != nil {
			file, err = nil, &SyntaxError{name, 0, fmt.Sprintf("BuildKit's parser fails on it: %v", r)}
		}
	}()
	result, err := parser.Parse(bytes.NewReader(data))
	if err != nil {
		return nil, syntaxError(name, 0, err)
	}
	file = &File{Name: name, Escape: result.EscapeToken, known: newDefaults(platform), byName: map[string][]*Stage{}}
	for _, node := range result.AST.Children {
		if err := file.add(node); err != nil {
			file.Problems = append(file.Problems, syntaxError(name, node.StartLine, err))
		}
	}
	if len(file.Stages) == 0 && len(file.Problems) == 0 {
		file.Problems = append(file.Problems, &SyntaxError{name, 0, "it has no FROM instruction"})
	}
	file.Comments = comments(data, result.AST.Children)
	return file, nil
}

// silent reports nothing. Without a linter the parser panics on `# check=` comments above an instruction.
var silent = linter.New(&linter.Config{SkipAll: true})

func (f *File) add(node *parser.Node) error {
	inner, onBuild := node, false
	if strings.EqualFold(node.Value, "ONBUILD") && node.Next != nil && len(node.Next.Children) == 1 {
		inner, onBuild = node.Next.Children[0], true
		if strings.EqualFold(inner.Value, "ONBUILD") { // BuildKit says so too, after a time quadratic in their number
			return errors.New("ONBUILD ONBUILD is not allowed")
		}
		if _, err := instructions.ParseInstructionWithLinter(node, silent); err != nil { // such as ONBUILD FROM
			return err
		}
		inner.StartLine, inner.EndLine, inner.Heredocs = node.StartLine, node.EndLine, node.Heredocs
	}
	parsed, err := instructions.ParseInstructionWithLinter(inner, silent)
	if err != nil {
		return err
	}
	switch c := parsed.(type) {
	case *instructions.Stage:
		if len(f.Stages) == maxStages {
			return fmt.Errorf("more than %d stages", maxStages)
		}
		f.addStage(c, node.StartLine)
		return nil
	case *instructions.ArgCommand:
		if len(f.Stages) == 0 {
			for _, arg := range c.Args {
				f.Args = append(f.Args, Argument{arg, node.StartLine})
				f.known.set(arg.Key, arg.Value, f.Escape)
			}
			return nil
		}
	case *instructions.RunCommand:
		// Without this step BuildKit leaves all of a mount but `from` for later. Variables stay as written; where one
		// stands for a number, say, only a build can judge the mount.
		asWritten := func(word string) (string, error) { return word, nil }
		if err := c.Expand(asWritten); err != nil && !strings.Contains(strings.Join(inner.Flags, " "), "$") {
			return err
		}
	}
	if len(f.Stages) == 0 {
		return errors.New("no build stage in current context: a FROM instruction must come first")
	}
	command, ok := parsed.(instructions.Command)
	if !ok {
		return fmt.Errorf("%T is not understood", parsed)
	}
	stage := f.Final()
	stage.Instructions = append(stage.Instructions, Instruction{
		Command: command,
		Line:    node.StartLine, End: node.EndLine, Text: strings.TrimSpace(node.Original), OnBuild: onBuild,
	})
	return nil
}

func (f *File) addStage(c *instructions.Stage, line int) {
	s := &Stage{Index: len(f.Stages), Name: c.Name, Written: c.BaseName, Platform: c.Platform, Line: line}
	s.Base = f.expand(c.BaseName)
	s.Parent = f.named(s.Base, s.Index) // FROM takes no numbers
	f.Stages = append(f.Stages, s)
	if s.Name != "" {
		f.byName[s.Name] = append(f.byName[s.Name], s)
	}
}

func syntaxError(name string, line int, err error) *SyntaxError {
	var at *parser.LocationError
	if errors.As(err, &at) && len(at.Locations) > 0 && len(at.Locations[0]) > 0 {
		line = at.Locations[0][0].Start.Line
	}
	return &SyntaxError{name, line, strings.Join(strings.Fields(err.Error()), " ")}
}
