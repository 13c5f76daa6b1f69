package tooling

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.com/stagecraft/internal/catalog"
)

// shown are the commands of the pages at the top that are none of the magefile's, with the test or the step that does the
// same. PROJECT is the name in project.yaml.
var shown = map[string]string{
	`eval "$(go tool mage engine:env)"`:              "TestREADMEs takes the engine from engine.Changes, which engine:env prints",
	"docker build -f services/hello-go/Dockerfile .": "TestREADMEs",
	"docker buildx bake":                             "every build bakes the same file",
	"git fetch upstream":                             "TestUpgrade of internal/starter, with a remote of that name",
	"docker compose up --watch":                      "TestDev runs the same file",
	"docker run --rm --read-only --cap-drop ALL -p 8080:8080 PROJECT/hello-go:dev": "TestREADMEs, by another name",
}

// TestPagesAtTheTop checks the commands of README.md and CONTRIBUTING.md against the verbs and flags that the magefile has.
func TestPagesAtTheTop(t *testing.T) {
	verbs := magefile(t)
	repository, err := catalog.Load(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	ci, err := os.ReadFile(filepath.Join("..", "..", "docs", "ci.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range unknown(verbs, regexp.MustCompile(`go tool mage \w+ -\S+`).FindAllString(string(ci), -1)) {
		t.Errorf("docs/ci.md: %s", problem)
	}
	for _, name := range []string{"README.md", "CONTRIBUTING.md"} {
		text, err := os.ReadFile(filepath.Join("..", "..", name))
		if err != nil {
			t.Fatal(err)
		}
		page := strings.ReplaceAll(string(text), " "+repository.Project.Name+"/", " PROJECT/")
		for _, problem := range unknown(verbs, slices.Concat(blocks(page)...)) {
			t.Errorf("%s: %s", name, problem)
		}
	}
}

func TestPagesAtTheTopControls(t *testing.T) {
	verbs := map[string][]string{"build": {"noCache"}, "test": {"services"}, "engine:stop": nil}
	good := []string{"go tool mage build -no-cache", "go tool mage test", "go tool mage test -services=a,b", "go tool mage engine:stop", "docker buildx bake"}
	if found := unknown(verbs, good); len(found) > 0 {
		t.Errorf("good commands are found bad: %q", found)
	}
	for line, want := range map[string]string{
		"go tool mage tset":             "go tool mage tset: the magefile has no such verb",
		"go tool mage test -service=a":  "go tool mage test -service=a: test has no flag -service",
		"go tool mage engine:stop -now": "go tool mage engine:stop -now: engine:stop has no flag -now",
		"make everything":               "make everything: nothing in the tests does that; let one do it, and name it in integration/tooling/verbs_test.go",
	} {
		if got := unknown(verbs, []string{line}); !slices.Equal(got, []string{want}) {
			t.Errorf("%s: got %q, want %q", line, got, want)
		}
	}
}

// unknown lists the commands that nothing here does.
func unknown(verbs map[string][]string, lines []string) []string {
	var found []string
	for _, line := range lines {
		command, ours := strings.CutPrefix(line, "go tool mage ")
		if !ours {
			if shown[line] == "" {
				found = append(found, line+": nothing in the tests does that; let one do it, and name it in integration/tooling/verbs_test.go")
			}
			continue
		}
		words := strings.Fields(command)
		flags, known := verbs[words[0]]
		if !known {
			found = append(found, line+": the magefile has no such verb")
			continue
		}
		for _, word := range words[1:] {
			name, _, _ := strings.Cut(strings.TrimPrefix(word, "-"), "=")
			plain := strings.ReplaceAll(name, "-", "") // a parameter in Go has none
			if !slices.ContainsFunc(flags, func(flag string) bool { return strings.EqualFold(flag, plain) }) {
				found = append(found, line+": "+words[0]+" has no flag -"+name)
			}
		}
	}
	return found
}

// magefile is the verbs of the magefile, each with its flags.
func magefile(t *testing.T) map[string][]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", "..", "magefile.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	verbs := map[string][]string{}
	for _, declaration := range file.Decls {
		f, ok := declaration.(*ast.FuncDecl)
		if !ok || !f.Name.IsExported() {
			continue
		}
		verb := strings.ToLower(f.Name.Name)
		if f.Recv != nil {
			if namespace, ok := f.Recv.List[0].Type.(*ast.Ident); ok {
				verb = strings.ToLower(namespace.Name) + ":" + verb
			}
		}
		verbs[verb] = nil
		for _, field := range f.Type.Params.List {
			for _, name := range field.Names {
				verbs[verb] = append(verbs[verb], name.Name)
			}
		}
	}
	return verbs
}
