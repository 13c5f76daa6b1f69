package shell

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// Variables are the variables of a shell script, for the shell that runs it: what stands in single quotes is for others.
type Variables struct {
	Used     []string        // without a default or a check, each once
	Assigned map[string]bool // by NAME=VALUE
	Set      map[string]bool // in any way, or used with a default
	Tested   map[string]bool // whether they are empty, which the author expects then
	Opaque   bool            // the script runs text or reads files that may set others
}

// VariablesOf reads a script; one that is not understood uses none.
func VariablesOf(script string) Variables {
	v := Variables{Assigned: map[string]bool{}, Set: map[string]bool{}, Tested: map[string]bool{}}
	file := syntaxOf(script)
	if file == nil {
		return v
	}
	syntax.Walk(file, func(node syntax.Node) bool {
		switch n := node.(type) {
		case *syntax.ParamExp:
			v.expand(n)
		case *syntax.Assign:
			if n.Name != nil {
				v.Set[n.Name.Value] = true
				v.Assigned[n.Name.Value] = n.Value != nil || v.Assigned[n.Name.Value]
			} else if n.Value != nil && n.Value.Lit() == "" { // export $(cat settings)
				v.Opaque = true
			}
		case *syntax.WordIter:
			v.Set[n.Name.Value] = true
		case *syntax.BinaryArithm:
			v.setArithmetic(n.X)
		case *syntax.UnaryArithm:
			v.setArithmetic(n.X)
		case *syntax.UnaryTest:
			if w, ok := n.X.(*syntax.Word); ok && slices.Contains([]string{"-n", "-z", "-v"}, n.Op.String()) {
				text, _ := textOf(w)
				v.test(text)
			}
		case *syntax.Redirect:
			if n.N != nil { // {descriptor}>file
				v.Set[strings.Trim(n.N.Value, "{}")] = true
			}
		case *syntax.CallExpr:
			for _, c := range unwrap(commandFrom(n), maxDepth) {
				v.call(c)
			}
		}
		return true
	})
	return v
}

var variableName = regexp.MustCompile(`^[A-Za-z_]\w*$`)

// expand notes a use, or with ${NAME:-default} and its like that the author expects the variable to be unset.
func (v *Variables) expand(p *syntax.ParamExp) {
	if p.Param == nil || p.Names != 0 || !variableName.MatchString(p.Param.Value) {
		return
	}
	name := p.Param.Value
	switch {
	case p.Exp != nil && p.Exp.Op >= syntax.AlternateUnset && p.Exp.Op <= syntax.AssignUnsetOrNull:
		v.Set[name] = true
	case !slices.Contains(v.Used, name):
		v.Used = append(v.Used, name)
	}
}

// setArithmetic notes a name that stands in arithmetic without $, as in ((n = 1)) and ((n++)).
func (v *Variables) setArithmetic(x syntax.ArithmExpr) {
	if w, ok := x.(*syntax.Word); ok {
		v.Set[w.Lit()] = true
	}
}

func (v *Variables) test(text string) { v.Tested[strings.TrimPrefix(text, "$")] = true }

// call notes what builtins set.
func (v *Variables) call(c Command) {
	switch c.Name {
	case "eval":
		v.Opaque = true
	case ".", "source":
		v.source(c)
	case "[", "test":
		for i, a := range c.Args[:max(len(c.Args)-1, 0)] {
			if a == "-n" || a == "-z" || a == "-v" {
				v.test(c.Args[i+1])
			}
		}
	case "read", "mapfile", "readarray", "getopts", "unset", "printf", "wait":
		for _, a := range c.Args {
			v.Set[a] = true
		}
	}
}

// osRelease are the variables of /etc/os-release and of Debian's and Ubuntu's additions to it.
const osRelease = "NAME ID ID_LIKE PRETTY_NAME CPE_NAME VARIANT VARIANT_ID VERSION VERSION_ID VERSION_CODENAME BUILD_ID UBUNTU_CODENAME DEBIAN_VERSION_FULL PLATFORM_ID HOME_URL"

// source notes what a file sets that is read into the script: what is known of few.
func (v *Variables) source(c Command) {
	if len(c.Args) == 0 {
		return
	}
	switch path.Base(c.Args[0]) {
	case "os-release":
		for name := range strings.FieldsSeq(osRelease) {
			v.Set[name] = true
		}
	case "activate": // of a virtual environment
		v.Set["VIRTUAL_ENV"] = true
	default:
		v.Opaque = true
	}
}
