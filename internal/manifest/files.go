package manifest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"

	"example.com/stagecraft/internal/catalog"
)

// settings are files that .dockerignore leaves out because they may hold passwords, and how a service gets what is in them.
var settings = map[string]string{
	".env":    "set variables in service.yaml (environment)",
	".npmrc":  "builds get it as the secret npmrc (docs/private-networks.md)",
	".netrc":  "builds get it as the secret netrc (docs/private-networks.md)",
	".pypirc": "builds get an index as the secret uv or pip (docs/private-networks.md)",
}

// files checks what the service ships with its program, and notes what the build does not see.
func (c *checker) files() {
	ignored := c.ignored()
	for i, file := range c.service.Files {
		c.file(ignored, fmt.Sprintf("files[%d]", i), strconv.Itoa(i), file)
	}
	for _, folder := range c.folders() {
		entries, _ := fs.ReadDir(os.DirFS(c.root), folder)
		for _, entry := range entries {
			name := entry.Name()
			instead := settings[name]
			if strings.HasPrefix(name, ".env.") {
				instead = settings[".env"]
			}
			asked := slices.Contains(c.service.Files, name) || slices.Contains(c.service.BuildSecrets, strings.TrimPrefix(name, "."))
			if instead != "" && ignored(folder+"/"+name) && !asked {
				c.notes = append(c.notes, catalog.Problem{File: folder + "/" + name, Message: "is not part of the build, as .dockerignore says; " + instead})
			}
		}
	}
}

// file checks one path of `files`.
func (c *checker) file(ignored func(string) bool, key, index, file string) {
	where := []string{"files", index}
	dir, name := c.service.Dir, c.service.Dir+"/"+file
	info, err := os.Lstat(filepath.Join(c.root, filepath.FromSlash(name)))
	switch {
	case err != nil && (ignored(name) || c.makesFiles()):
		// The build makes it.
	case err != nil:
		c.fact(key, where, "%s is not in %s; %s", file, dir, c.near(file))
	case !c.inside(dir, name):
		c.fact(key, where, "%s is a link out of %s, which a build does not follow; copy what it links to", file, dir)
	case !info.IsDir() && ignored(name) && !ignored(path.Dir(name)):
		c.fact(key, where, "%s is left out of builds by .dockerignore; ship it under another name, or remove it here and %s", file, instead(path.Base(file)))
	}
}

// near names what is where a file was looked for.
func (c *checker) near(file string) string {
	var siblings []string
	entries, _ := fs.ReadDir(os.DirFS(c.root), path.Join(c.service.Dir, path.Dir(file)))
	for _, entry := range entries {
		if name := entry.Name(); path.Ext(file) == path.Ext(name) {
			siblings = append(siblings, path.Join(path.Dir(file), name))
		}
	}
	return catalog.Hint(file, siblings)
}

// instead is how a service gets what a file has that .dockerignore leaves out.
func instead(name string) string {
	if how := settings[name]; how != "" {
		return how
	}
	return settings[".env"]
}

// makesFiles reports whether the build may make files that are not in the repository: by a script, or by anything where the
// language has no manifest that says so.
func (c *checker) makesFiles() bool {
	if strings.Contains(c.template, node.file) {
		var manifest packageJSON
		return json.Unmarshal(c.read(c.service.Dir, node.file), &manifest) != nil || manifest.Scripts["build"] != ""
	}
	return !strings.Contains(c.template, golang.file) && !strings.Contains(c.template, python.file)
}

// inside reports whether a path is below a folder after links are followed.
func (c *checker) inside(folder, name string) bool {
	at, err := filepath.EvalSymlinks(filepath.Join(c.root, filepath.FromSlash(name)))
	if err != nil {
		return false
	}
	top, err := filepath.EvalSymlinks(filepath.Join(c.root, filepath.FromSlash(folder)))
	return err == nil && within(filepath.ToSlash(at), filepath.ToSlash(top))
}

// ignored reports whether .dockerignore leaves a path out of builds.
func (c *checker) ignored() func(name string) bool {
	patterns, err := ignorefile.ReadAll(bytes.NewReader(c.read(".dockerignore")))
	if err != nil {
		return func(string) bool { return false }
	}
	matcher, err := patternmatcher.New(patterns)
	if err != nil {
		return func(string) bool { return false }
	}
	return func(name string) bool {
		out, err := matcher.MatchesOrParentMatches(name)
		return err == nil && out
	}
}
