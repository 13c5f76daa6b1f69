package starter

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/moby/sys/atomicwriter"
	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/deploy"
	"example.com/stagecraft/internal/git"
	"example.com/stagecraft/internal/render"
)

// Identity is what a project is called.
type Identity struct {
	Name   string // of project.yaml
	Module string // prefix of the paths of Go modules: github.com/acme/shop
	Source string // URL of the repository; empty: https:// and the module
}

// Renamed is what Rename did.
type Renamed struct {
	Identity
	Was     Identity // without a module
	Modules map[string]string
	Changed []string
	Kept    []Kept
}

// Kept is a file or a folder that has the old name still, and why.
type Kept struct {
	Path string // with a line, or the whole of the tooling's folder
	Why  string
}

// Rename gives a repository a new identity: project.yaml, the Go modules and npm packages of services/, libs/ and examples/,
// image names in texts, the README's title. The tooling keeps its own names. It starts from a working tree without changes; after
// an error all files are as they were.
func Rename(ctx context.Context, root string, to Identity) (Renamed, error) {
	renamed, err := rename(ctx, root, to)
	if err != nil {
		return Renamed{}, fmt.Errorf("rename the project to %s: %w", to.Name, err)
	}
	return renamed, nil
}

func rename(ctx context.Context, root string, to Identity) (Renamed, error) {
	if err := module.CheckPath(to.Module); err != nil {
		return Renamed{}, fmt.Errorf("%w; choose a path such as -module=github.com/acme/shop", err)
	}
	to.Source = cmp.Or(to.Source, "https://"+to.Module)
	repository, err := catalog.Load(root)
	if err != nil {
		return Renamed{}, err
	}
	changes, err := uncommitted(ctx, root)
	if err != nil {
		return Renamed{}, err
	}
	if len(changes) > 0 {
		return Renamed{}, fmt.Errorf("there are changes that are not committed, first %s; commit them, so that `git restore .` can undo the renaming", changes[0])
	}
	names, err := git.List(ctx, root, "ls-files", "-z")
	if err != nil {
		return Renamed{}, err
	}
	c := christening{root: root, files: map[string][]byte{}, from: Identity{Name: repository.Project.Name, Source: repository.Project.Source}, to: to}
	if err := c.read(names); err != nil {
		return Renamed{}, err
	}
	edits, err := c.edits()
	if err != nil {
		return Renamed{}, err
	}
	rendered, err := c.write(edits)
	if err != nil {
		return Renamed{}, err
	}
	changed := slices.Compact(slices.Sorted(slices.Values(append(slices.Collect(maps.Keys(edits)), rendered...))))
	return Renamed{Identity: to, Was: c.from, Modules: c.modules, Changed: changed, Kept: c.kept(edits)}, nil
}

// christening is a repository that gets a new identity.
type christening struct {
	root     string
	files    map[string][]byte // that people read, as they were
	from, to Identity
	modules  modules
	packages []string // of npm, with the project's scope
}

// read reads all texts, and finds the modules and packages that have the project's name.
func (c *christening) read(names []string) error {
	c.modules = modules{}
	for _, name := range names {
		file := filepath.Join(c.root, filepath.FromSlash(name))
		if info, err := os.Lstat(file); err != nil || !info.Mode().IsRegular() {
			continue // a link, or a repository of its own
		}
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if !text(data) {
			continue
		}
		c.files[name] = data
		if !ours(name) {
			continue
		}
		switch path.Base(name) {
		case "go.mod":
			old := modfile.ModulePath(data)
			// A module with a path of another form has a name of its own.
			if _, ok := strings.CutSuffix(old, "/"+path.Dir(name)); ok {
				c.modules[old] = c.to.Module + "/" + path.Dir(name)
			}
		case "package.json":
			var manifest struct {
				Name string `json:"name"`
			}
			if json.Unmarshal(data, &manifest) == nil && strings.HasPrefix(manifest.Name, "@"+c.from.Name+"/") {
				c.packages = append(c.packages, manifest.Name)
			}
		}
	}
	return nil
}

// ours reports whether a path is in a folder of services or shared code.
func ours(name string) bool {
	top, _, _ := strings.Cut(name, "/")
	return top == "libs" || slices.Contains(catalog.Folders, top)
}

// edits are the new contents of the files that change, rendered ones aside.
func (c *christening) edits() (map[string][]byte, error) {
	edits := map[string][]byte{}
	for name, data := range c.files {
		renamed, err := c.edit(name, data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if !bytes.Equal(renamed, data) {
			edits[name] = renamed
		}
	}
	return edits, nil
}

func (c *christening) edit(name string, data []byte) (_ []byte, err error) {
	switch base := path.Base(name); {
	case name == "project.yaml":
		return c.facts(data)
	case isTooling(name):
		return data, nil
	case name == "README.md":
		title := regexp.MustCompile(`(?m)^# ` + regexp.QuoteMeta(c.from.Name) + `$`)
		data = title.ReplaceAll(data, []byte("# "+c.to.Name))
	case !ours(name) && (path.Dir(name) != "docs" || path.Ext(name) != ".md"):
		return data, nil
	case base == "go.mod":
		return c.modules.goMod(data)
	case base == "go.sum":
		return data, nil
	case strings.HasSuffix(base, ".go"):
		if data, err = c.modules.imports(data); err != nil {
			return nil, err
		}
	}
	if generated(name, data) {
		return data, nil
	}
	return []byte(c.text(string(data))), nil
}

// facts are those of project.yaml with the new name and source.
func (c *christening) facts(data []byte) ([]byte, error) {
	for key, value := range map[string]string{"name": c.to.Name, "source": c.to.Source} {
		line := regexp.MustCompile(`(?m)^(` + key + `:[ \t]+)("[^"\n]*"|'[^'\n]*'|[^\s#]+)`).FindSubmatchIndex(data)
		if line == nil {
			return nil, fmt.Errorf("%s has no line of its own; write it as `%s: %s`", key, key, value)
		}
		data = slices.Replace(bytes.Clone(data), line[4], line[5], []byte(value)...)
	}
	if _, problems := catalog.ReadProject("project.yaml", data); len(problems) > 0 {
		return nil, errors.New(problems[0].Key + " " + problems[0].Message)
	}
	return data, nil
}

// text renames modules, packages, images and the source in a text.
func (c *christening) text(text string) string {
	for _, old := range slices.Backward(slices.Sorted(maps.Keys(c.modules))) { // a module within another one comes first
		text = replaceWhole(text, old, c.modules[old])
	}
	for _, old := range c.packages {
		text = replaceWhole(text, old, "@"+c.to.Name+strings.TrimPrefix(old, "@"+c.from.Name))
	}
	text = replaceWhole(text, c.from.Source, c.to.Source)
	image := regexp.MustCompile(`\b` + regexp.QuoteMeta(c.from.Name) + `(/[A-Za-z0-9-]+:dev)\b`)
	return image.ReplaceAllString(text, c.to.Name+"$1")
}

// What belongs to a longer name, before and after a path.
var (
	beforeName = regexp.MustCompile(`[A-Za-z0-9_.@/-]$`)
	afterName  = regexp.MustCompile(`^[A-Za-z0-9_-]`)
)

// replaceWhole replaces a path in a text where it is not a part of a longer name. More elements may follow it.
func replaceWhole(text, old, to string) string {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(text, old)
		b.WriteString(before)
		if !found {
			return b.String()
		}
		if beforeName.MatchString(before) || afterName.MatchString(after) {
			b.WriteString(old)
		} else {
			b.WriteString(to)
		}
		text = after
	}
}

// write writes edits and renders what follows; after an error all files are as they were.
func (c *christening) write(edits map[string][]byte) (rendered []string, err error) {
	var written []string
	defer func() {
		if err != nil {
			for _, name := range written {
				err = errors.Join(err, c.replace(name, c.files[name]))
			}
		}
	}()
	for _, name := range slices.Sorted(maps.Keys(edits)) {
		if err := c.replace(name, edits[name]); err != nil {
			return nil, err
		}
		written = append(written, name)
	}
	repository, err := catalog.Load(c.root)
	if err != nil {
		return nil, err
	}
	return render.Write(c.root, repository)
}

// replace writes a file, whose mode stays.
func (c *christening) replace(name string, content []byte) error {
	file := filepath.Join(c.root, filepath.FromSlash(name))
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	return atomicwriter.WriteFile(file, content, info.Mode().Perm())
}

// kept are the places that still have the old name. Of the tooling, each folder counts once.
func (c *christening) kept(edits map[string][]byte) (kept []Kept) {
	old := regexp.MustCompile(`(?i)\b` + regexp.QuoteMeta(c.from.Name) + `\b`)
	for _, name := range slices.Sorted(maps.Keys(c.files)) {
		data := c.files[name]
		if edited, ok := edits[name]; ok {
			data = edited
		}
		at := old.FindIndex(bytes.ReplaceAll(data, []byte(c.to.Module), nil))
		if at == nil || path.Base(name) == "Dockerfile" || path.Base(name) == path.Base(render.BakeFile("services")) ||
			slices.Contains([]string{render.ComposeFile, render.LaunchFile, render.TasksFile}, name) || deploy.Renders(name) {
			continue // what is rendered follows
		}
		k := Kept{name, "this is the name of the tooling"}
		switch {
		case isTooling(name):
			k = Kept{owner(name), "the tooling keeps its names, so that merges of upstream do not conflict"}
		case generated(name, data):
			k.Why = "generated: its generator writes the new name"
		}
		if !slices.Contains(kept, k) {
			kept = append(kept, k)
		}
	}
	if licence, ok := c.files["LICENSE"]; ok {
		why := "it names no holder; `licenses` in project.yaml is what images say"
		if regexp.MustCompile(`(?m)^\s*Copyright (\([cC]\) )?[0-9]{4}`).Match(licence) {
			why = "its holder is for a person to change"
		}
		kept = append(kept, Kept{"LICENSE", why})
	}
	return kept
}
