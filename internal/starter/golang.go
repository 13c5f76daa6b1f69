package starter

import (
	"bytes"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/modfile"
)

// modules are new paths of Go modules by their old ones.
type modules map[string]string

// path is the new form of a module's or a package's path; ok when it has one.
func (m modules) path(old string) (path string, ok bool) {
	for module := old; module != ""; {
		if to, ok := m[module]; ok {
			return to + old[len(module):], true
		}
		module = module[:max(0, strings.LastIndexByte(module, '/'))]
	}
	return old, false
}

// goMod renames modules in a go.mod: its own, and those that it requires and replaces.
func (m modules) goMod(data []byte) ([]byte, error) {
	file, err := modfile.Parse("go.mod", data, nil)
	if err != nil {
		return nil, err
	}
	rename := func(line *modfile.Line) {
		for i, word := range line.Token {
			if to, ok := m.path(word); ok {
				line.Token[i] = to
			}
		}
	}
	for _, statement := range file.Syntax.Stmt {
		switch s := statement.(type) {
		case *modfile.Line:
			rename(s)
		case *modfile.LineBlock:
			for _, line := range s.Line {
				rename(line)
			}
		}
	}
	// Blocks are sorted by path, as the go command has them.
	renamed, err := modfile.Parse("go.mod", modfile.Format(file.Syntax), nil)
	if err != nil {
		return nil, err
	}
	renamed.SortBlocks()
	return modfile.Format(renamed.Syntax), nil
}

// imports renames the imports of a Go file, which stays formatted if it was.
func (m modules) imports(data []byte) ([]byte, error) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, "", data, parser.ImportsOnly)
	if err != nil {
		return nil, err
	}
	renamed := bytes.Clone(data)
	for _, spec := range slices.Backward(file.Imports) { // from the end, so that positions stay right
		old, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, err
		}
		if to, ok := m.path(old); ok {
			at, end := set.Position(spec.Path.Pos()).Offset, set.Position(spec.Path.End()).Offset
			renamed = slices.Replace(renamed, at, end, []byte(strconv.Quote(to))...)
		}
	}
	if formatted, err := format.Source(data); err == nil && bytes.Equal(formatted, data) {
		return format.Source(renamed) // other paths may have another order
	}
	return renamed, nil
}

// generated reports whether a program wrote a file, so that no one may edit it.
func generated(name string, data []byte) bool {
	if strings.HasSuffix(name, ".go") {
		file, err := parser.ParseFile(token.NewFileSet(), "", data, parser.PackageClauseOnly|parser.ParseComments)
		return err == nil && ast.IsGenerated(file)
	}
	head := data[:min(len(data), 1000)]
	return bytes.Contains(head, []byte("DO NOT EDIT"))
}
