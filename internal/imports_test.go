// Package internal_test holds the direction of imports inside the root module.
package internal_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	module   = "example.com/stagecraft"
	internal = module + "/internal/"
)

// layers are the packages of internal/ from the bottom to the top. A package imports only those of lower layers; the
// magefile, cmd/ and integration/ see everything and nothing of internal/ sees them.
var layers = [][]string{
	{"attestation", "catalog", "command", "dockerfile", "elffile", "httpload", "image", "progress", "secret", "shell", "version", "vex"},
	{"deploy", "finding", "git", "gotest", "limits", "manifest", "mutation", "rootfs", "signing"},
	{"dynlink", "engine", "httpcheck", "imagediff", "owners", "publish", "render", "sizetable"},
	{"audit", "lint", "provenance", "sbom"},
	{"build", "outdated", "scan"},
	{"affected", "bench", "starter"},
	{"project"},
}

// tooFar are edges that the layers would allow, but that tie together what should stay apart.
var tooFar = map[string][]string{
	"audit":  {"command"}, // rules look at files; they start nothing
	"lint":   {"command"},
	"render": {"command", "image"},
}

// schemas embeds files and imports nothing of ours.
const schemas = module + "/docs"

// heavy is kept out of the magefile, which every command compiles and starts.
const heavy = "github.com/testcontainers/testcontainers-go"

// imports is what each package imports.
type imports map[string][]string

func TestImportsPointDownwards(t *testing.T) {
	graph := list(t)
	for _, problem := range upward(graph) {
		t.Error(problem)
	}
	for _, place := range slices.Concat(layers...) {
		if _, ok := graph[internal+place]; !ok {
			t.Errorf("layers in internal/imports_test.go name internal/%s, which is not there; remove it", place)
		}
	}
}

func TestMagefileIsLight(t *testing.T) {
	graph := list(t)
	if len(graph[module]) == 0 {
		t.Fatal("the magefile imports nothing: it was not read")
	}
	if chain := graph.chain(module, heavy); chain != nil {
		t.Errorf("the magefile reaches testcontainers: %s", strings.Join(chain, " -> "))
	}
	// The tests do use it, so that its absence above says something.
	if len(graph[heavy]) == 0 {
		t.Errorf("%s is not in the module's graph at all; fix the constant", heavy)
	}
}

// Negative controls: graphs with one forbidden edge each.
func TestForbiddenImportsAreFound(t *testing.T) {
	for _, c := range []struct{ from, to, want string }{
		{internal + "catalog", internal + "render", "internal/catalog imports internal/render, which is not below it"},
		{internal + "render", internal + "build", "internal/render imports internal/build, which is not below it"},
		{internal + "image", internal + "audit", "internal/image imports internal/audit, which is not below it"},
		{internal + "image", internal + "catalog", "internal/image imports internal/catalog, which is not below it"},
		{internal + "lint", internal + "audit", "internal/lint imports internal/audit, which is not below it"},
		{internal + "audit", internal + "command", "internal/audit imports internal/command, from which it should stay apart"},
		{internal + "catalog/yaml", internal + "engine", "internal/catalog/yaml imports internal/engine, which is not below it"},
		{internal + "build", module + "/integration", "internal/build imports integration, which is not below it"},
		{internal + "build", module + "/cmd/stagecraft", "internal/build imports cmd/stagecraft, which is not below it"},
		{internal + "utils", "fmt", "internal/utils has no place in the layers of internal/imports_test.go; give it one"},
	} {
		if got := upward(imports{c.from: {c.to}}); len(got) != 1 || got[0] != c.want {
			t.Errorf("%s -> %s: %q, want %q", c.from, c.to, got, c.want)
		}
	}
	allowed := imports{
		module:                     {internal + "project", internal + "build"},
		module + "/cmd/stagecraft": {internal + "audit", internal + "image"},
		module + "/integration":    {internal + "httpcheck", heavy},
		internal + "build":         {internal + "render", internal + "engine", "fmt"},
		internal + "catalog":       {internal + "catalog/yaml", schemas},
	}
	if got := upward(allowed); got != nil {
		t.Errorf("a good graph is found bad: %q", got)
	}
}

func TestChain(t *testing.T) {
	graph := imports{"a": {"b", "c"}, "b": {"a"}, "c": {"d"}, "d": {heavy + "/wait"}}
	if got := strings.Join(graph.chain("a", heavy), " "); got != "a c d "+heavy+"/wait" {
		t.Errorf("got %s", got)
	}
	if got := graph.chain("b", "e"); got != nil {
		t.Errorf("found a way to what is not there: %v", got)
	}
}

// upward lists the imports that do not point to a lower layer.
func upward(graph imports) []string {
	var problems []string
	for from, targets := range graph {
		if !strings.HasPrefix(from, internal) {
			continue
		}
		place, rank := layer(from)
		if rank < 0 {
			problems = append(problems, short(from)+" has no place in the layers of internal/imports_test.go; give it one")
			continue
		}
		for _, to := range targets {
			target, below := layer(to)
			switch ours := to == module || strings.HasPrefix(to, module+"/"); {
			case !ours, target == place, to == schemas:
			case below < 0 || below >= rank:
				problems = append(problems, fmt.Sprintf("%s imports %s, which is not below it", short(from), short(to)))
			case slices.Contains(tooFar[place], target):
				problems = append(problems, fmt.Sprintf("%s imports %s, from which it should stay apart", short(from), short(to)))
			}
		}
	}
	slices.Sort(problems)
	return problems
}

// layer is the package of layers to which path belongs, and its layer; -1 if none.
func layer(path string) (place string, rank int) {
	place, _, _ = strings.Cut(strings.TrimPrefix(path, internal), "/")
	return place, slices.IndexFunc(layers, func(places []string) bool {
		return strings.HasPrefix(path, internal) && slices.Contains(places, place)
	})
}

func short(path string) string { return strings.TrimPrefix(path, module+"/") }

// chain is the shortest way from one package to another or one of its subpackages; nil if there is none.
func (graph imports) chain(from, to string) []string {
	ways := [][]string{{from}}
	seen := map[string]bool{from: true}
	for len(ways) > 0 {
		way := ways[0]
		ways = ways[1:]
		last := way[len(way)-1]
		if last == to || strings.HasPrefix(last, to+"/") {
			return way
		}
		for _, next := range graph[last] {
			if !seen[next] {
				seen[next] = true
				ways = append(ways, append(slices.Clone(way), next))
			}
		}
	}
	return nil
}

// list asks the go command for the graph of the module with all that it depends on, magefile and tests included.
func list(t *testing.T) imports {
	t.Helper()
	// Go caches a test's result until a file changes that the test itself looked at; the go command's looks do not count.
	_ = filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return fs.SkipDir // the go command will complain, if it matters
		case entry.IsDir() && slices.Contains([]string{".git", "out", "services", "bare"}, entry.Name()):
			return fs.SkipDir
		case strings.HasSuffix(path, ".go"):
			_, _ = os.Stat(path)
		}
		return nil
	})
	command := exec.Command("go", "list", "-deps", "-test", "-tags=mage", "-json=ImportPath,Imports", module, "./...")
	command.Dir = ".."
	var problems bytes.Buffer
	command.Stderr = &problems
	output, err := command.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, &problems)
	}
	graph := imports{}
	for decoder := json.NewDecoder(bytes.NewReader(output)); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return graph
		} else if err != nil {
			t.Fatal(err)
		}
		// A package as compiled for a test is listed a second time, as `path [other.test]`: tests may look upwards.
		if !strings.HasSuffix(p.ImportPath, "]") && !strings.HasSuffix(p.ImportPath, ".test") {
			graph[p.ImportPath] = p.Imports
		}
	}
}
