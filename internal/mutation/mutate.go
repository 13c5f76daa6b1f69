package mutation

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// switches are the functions that mutated files call.
//
//go:embed switch.go.txt
var switches string

// mutate writes a package with all its mutants below dir, and an overlay for the go command that names it.
func mutate(root, pkg, dir string, only []string) (mutants []Mutant, overlay string, err error) {
	folder := filepath.Join(root, filepath.FromSlash(pkg))
	found, err := build.ImportDir(folder, 0)
	if err != nil {
		return nil, "", fmt.Errorf("mutate %s: %w", pkg, err)
	}
	replace := map[string]string{}
	write := func(name, text string) error {
		to := filepath.Join(dir, name)
		replace[filepath.Join(folder, name)] = to
		return os.WriteFile(to, []byte(text), 0o600)
	}
	for _, name := range found.GoFiles {
		if len(only) > 0 && !slices.Contains(only, name) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			return nil, "", fmt.Errorf("mutate %s: %w", pkg, err)
		}
		f, err := newFile(pkg+"/"+name, string(text), len(mutants))
		if err != nil {
			return nil, "", fmt.Errorf("mutate %s: %w", pkg, err)
		}
		mutants = append(mutants, f.mutants...)
		if err := write(name, f.text()); err != nil {
			return nil, "", fmt.Errorf("mutate %s: %w", pkg, err)
		}
	}
	if err := write("mutant_switches.go", "package "+found.Name+"\n\n"+switches); err != nil {
		return nil, "", fmt.Errorf("mutate %s: %w", pkg, err)
	}
	list, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return nil, "", fmt.Errorf("mutate %s: %w", pkg, err)
	}
	overlay = filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(overlay, list, 0o600); err != nil {
		return nil, "", fmt.Errorf("mutate %s: %w", pkg, err)
	}
	return mutants, overlay, nil
}

// file is a source file that gets its mutants.
type file struct {
	name    string
	source  string
	set     *token.FileSet
	first   int // the number of its first mutant
	mutants []Mutant
	edits   []edit
	judged  map[ast.Expr]bool // conditions that have their mutants
}

// edit replaces length bytes at offset. Where edits meet, text that closes comes before text that opens; what opened last
// closes first.
type edit struct {
	offset, length int
	text           string
	closes         bool
}

func newFile(name, source string, first int) (*file, error) {
	f := &file{name: name, source: source, set: token.NewFileSet(), first: first, judged: map[ast.Expr]bool{}}
	tree, err := parser.ParseFile(f.set, name, source, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	ast.Inspect(tree, f.visit)
	return f, nil
}

// visit adds the mutants of one node. Outer nodes come first.
func (f *file) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.GenDecl:
		return n.Tok != token.CONST
	case *ast.FuncDecl:
		f.errors(n.Type, n.Body)
	case *ast.FuncLit:
		f.errors(n.Type, n.Body)
	case *ast.IfStmt:
		f.condition(n.Cond, true, true)
	case *ast.ForStmt:
		if n.Cond != nil {
			f.condition(n.Cond, false, true) // true would loop for ever
		}
	case *ast.RangeStmt:
		f.insert(n.Body.Lbrace+1, fmt.Sprintf(" if mutant(%d) { break };", f.add(n, "the loop ends before its first round")), false)
	case *ast.SwitchStmt:
		f.cases(n)
	case *ast.BinaryExpr:
		f.binary(n)
	case *ast.BlockStmt:
		f.statements(n.List)
	case *ast.CaseClause:
		f.statements(n.Body)
	case *ast.CommClause:
		f.statements(n.Body)
	}
	return true
}

// cases are conditions in a switch without a value.
func (f *file) cases(s *ast.SwitchStmt) {
	if s.Tag != nil {
		return
	}
	for _, c := range s.Body.List {
		if c, ok := c.(*ast.CaseClause); ok {
			for _, e := range c.List {
				f.condition(e, true, true)
			}
		}
	}
}

// condition makes a condition true or false, where its operands do not do so already.
func (f *file) condition(e ast.Expr, yes, no bool) {
	f.judged[e] = true
	switch b := e.(type) {
	case *ast.ParenExpr:
		f.condition(b.X, yes, no)
		return
	case *ast.BinaryExpr:
		if b.Op != token.LAND && b.Op != token.LOR {
			break
		}
		and := b.Op == token.LAND
		f.become(e, yes && !and, no && and)
		f.condition(b.X, and, !and)
		f.condition(b.Y, and, !and)
		return
	}
	f.become(e, yes, no)
}

func (f *file) become(e ast.Expr, yes, no bool) {
	for _, to := range []bool{true, false} {
		if to && yes || !to && no {
			id := f.add(e, fmt.Sprintf("%s becomes %t", f.code(e), to))
			f.wrap(e, fmt.Sprintf("mutantBool(%d, %t, ", id, to), ")")
		}
	}
}

// binary makes limits one wider or narrower, and drops what is added to a number.
func (f *file) binary(b *ast.BinaryExpr) {
	swap := map[token.Token]token.Token{token.LSS: token.LEQ, token.LEQ: token.LSS, token.GTR: token.GEQ, token.GEQ: token.GTR}
	literal, isLiteral := b.Y.(*ast.BasicLit)
	switch b.Op {
	case token.LAND, token.LOR, token.EQL, token.NEQ, token.LSS, token.LEQ, token.GTR, token.GEQ:
		if !f.judged[b] {
			f.condition(b, true, true)
		}
		if to, ok := swap[b.Op]; ok {
			id := f.add(b, fmt.Sprintf("%s becomes %s", f.code(b), to))
			f.wrap(b, fmt.Sprintf("mutantOrder(%d, %q, ", id, b.Op), ")")
			f.replace(b.OpPos, len(b.Op.String()), ",")
		}
	case token.ADD, token.SUB:
		if !isLiteral || literal.Kind != token.INT {
			return
		}
		id := f.add(b, fmt.Sprintf("%s becomes %s", f.code(b), f.code(b.X)))
		f.wrap(b, fmt.Sprintf("mutantNumber(%d, ", id), ")")
		sign := ","
		if b.Op == token.SUB {
			sign = ",-"
		}
		f.replace(b.OpPos, len(b.Op.String()), sign)
	}
}

// statements leaves statements out.
func (f *file) statements(list []ast.Stmt) {
	for _, s := range list {
		if removable(s) {
			f.wrap(s, fmt.Sprintf("if !mutant(%d) { ", f.add(s, "without "+f.code(s))), " }")
		}
	}
}

// removable says whether a function compiles without a statement.
func removable(s ast.Stmt) bool {
	switch s := s.(type) {
	case *ast.AssignStmt:
		blank, ok := s.Lhs[0].(*ast.Ident)
		return s.Tok != token.DEFINE && (!ok || blank.Name != "_")
	case *ast.ExprStmt:
		call, ok := s.X.(*ast.CallExpr)
		if !ok {
			return false
		}
		name, ok := call.Fun.(*ast.Ident)
		return !ok || name.Name != "panic"
	case *ast.IncDecStmt:
		return true
	case *ast.BranchStmt:
		return s.Tok == token.BREAK || s.Tok == token.CONTINUE
	default:
		return false
	}
}

// errors makes a function return nil where its last result is an error.
func (f *file) errors(kind *ast.FuncType, body *ast.BlockStmt) {
	if kind.Results == nil || body == nil {
		return
	}
	last, ok := kind.Results.List[len(kind.Results.List)-1].Type.(*ast.Ident)
	if !ok || last.Name != "error" {
		return
	}
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			if len(n.Results) != kind.Results.NumFields() {
				return true
			}
			e := n.Results[len(n.Results)-1]
			if name, ok := e.(*ast.Ident); ok && name.Name == "nil" {
				return true
			}
			f.wrap(e, fmt.Sprintf("mutantError(%d, ", f.add(e, f.code(e)+" becomes nil")), ")")
		}
		return true
	})
}

// add numbers a mutant.
func (f *file) add(n ast.Node, change string) int {
	f.mutants = append(f.mutants, Mutant{File: f.name, Line: f.set.Position(n.Pos()).Line, Change: change})
	return f.first + len(f.mutants) - 1
}

func (f *file) offset(pos token.Pos) int { return f.set.Position(pos).Offset }

func (f *file) insert(pos token.Pos, text string, closes bool) {
	f.edits = append(f.edits, edit{offset: f.offset(pos), text: text, closes: closes})
}

func (f *file) replace(pos token.Pos, length int, text string) {
	f.edits = append(f.edits, edit{offset: f.offset(pos), length: length, text: text})
}

func (f *file) wrap(n ast.Node, before, after string) {
	f.insert(n.Pos(), before, false)
	f.insert(n.End(), after, true)
}

// longest is how many bytes of source name a mutant.
const longest = 70

// code is the source of a node, on one line.
func (f *file) code(n ast.Node) string {
	text := strings.Join(strings.Fields(f.source[f.offset(n.Pos()):f.offset(n.End())]), " ")
	if len(text) > longest {
		text = strings.ToValidUTF8(text[:longest], "") + "…"
	}
	return text
}

// text is the source with all mutants.
func (f *file) text() string {
	var opens, closes []edit
	for _, e := range f.edits {
		if e.closes {
			closes = append(closes, e)
		} else {
			opens = append(opens, e)
		}
	}
	slices.Reverse(closes)
	all := slices.Concat(closes, opens)
	slices.SortStableFunc(all, func(a, b edit) int { return a.offset - b.offset })
	var text strings.Builder
	at := 0
	for _, e := range all {
		text.WriteString(f.source[at:e.offset] + e.text)
		at = e.offset + e.length
	}
	return text.String() + f.source[at:]
}
