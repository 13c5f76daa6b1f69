// Package manifest checks services against the manifests of their languages (go.mod, pyproject.toml, package.json) before a
// build begins: what they share with other services, lock files, files to ship and commands.
package manifest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"golang.org/x/mod/modfile"

	"example.com/stagecraft/internal/catalog"
)

// kind is a language's manifest. A service has the kind whose file its template copies: a team's own template for Python is
// checked like ours.
type kind struct {
	file string
	// read lists the dependencies of a manifest that are folders or files of this machine.
	read func(data []byte) ([]link, error)
	// depend is the edit of a manifest that makes it depend on the shared folder at path, whose own manifest is given.
	depend func(path string, shared []byte) string
	// check notes what else would make a build fail.
	check func(c *checker)
}

var kinds = []kind{golang, python, node}

// link is a dependency on a folder or a file.
type link struct {
	line int
	key  string // where in the manifest
	path string // as it is written
}

// checker collects the problems of one service.
type checker struct {
	root     string
	service  catalog.Service
	template string
	problems catalog.Problems
	notes    catalog.Problems
}

// Check finds what would make the builds of services fail and can be known from their files. The problems are all that there
// are; a note is about something that a build ignores and its author may not expect.
func Check(root string, services []catalog.Service) (problems, notes catalog.Problems) {
	for _, s := range services {
		// A Dockerfile of one's own may install with any tool.
		if s.Dockerfile == catalog.Own {
			continue
		}
		c := &checker{root: root, service: s, template: string(contents(root, s.Language.TemplatePath()))}
		c.files()
		for _, k := range kinds {
			if strings.Contains(c.template, k.file) {
				c.uses(k)
				c.commands()
				k.check(c)
			}
		}
		slices.SortFunc(c.problems, func(a, b catalog.Problem) int {
			return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line, strings.Compare(a.Key+a.Message, b.Key+b.Message))
		})
		problems, notes = append(problems, c.problems...), append(notes, c.notes...)
	}
	return problems, notes
}

// folders are those whose files the build of the service gets: its own, and the shared ones that it uses.
func (c *checker) folders() []string { return append([]string{c.service.Dir}, c.service.Uses...) }

// has reports whether there is something at a path of the repository.
func (c *checker) has(elements ...string) bool {
	_, err := os.Stat(filepath.Join(c.root, filepath.FromSlash(path.Join(elements...))))
	return err == nil
}

// read is the content of a file of the repository; empty when it cannot be read.
func (c *checker) read(elements ...string) []byte { return contents(c.root, path.Join(elements...)) }

func contents(root, name string) []byte {
	data, err := fs.ReadFile(os.DirFS(root), name)
	if err != nil {
		return nil
	}
	return data
}

// add notes a problem of a file.
func (c *checker) add(file string, line int, key, format string, args ...any) {
	c.problems = append(c.problems, catalog.Problem{File: file, Line: line, Key: show(key), Message: fmt.Sprintf(format, args...)})
}

// fact notes a problem of a value of service.yaml.
func (c *checker) fact(key string, where []string, format string, args ...any) {
	c.add(c.service.Dir+"/service.yaml", c.service.Line(c.root, where...), key, format, args...)
}

// position is where a parser failed, and why.
func position(data []byte, err error) (line int, message string) {
	var inModule modfile.ErrorList
	var inTOML *toml.DecodeError
	var inJSON *json.SyntaxError
	switch {
	case errors.As(err, &inModule):
		line, err = inModule[0].Pos.Line, inModule[0].Err
	case errors.As(err, &inTOML):
		line, _ = inTOML.Position()
	case errors.As(err, &inJSON):
		line = 1 + bytes.Count(data[:max(0, inJSON.Offset-1)], []byte("\n"))
	}
	return line, show(err.Error())
}

// lineOf is the line on which a text first stands; 1 when it is nowhere.
func lineOf(data []byte, text string) int {
	return 1 + bytes.Count(data[:max(0, bytes.Index(data, []byte(text)))], []byte("\n"))
}
