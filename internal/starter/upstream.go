package starter

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/git"
	"example.com/stagecraft/internal/sizetable"
)

// identity is how upstream's names become those of this project; nil where they are the same.
func (u *upstream) identity(ctx context.Context, here catalog.Project) (*christening, error) {
	data, err := git.Blob(ctx, u.root, u.from+":project.yaml")
	if err != nil {
		return nil, err
	}
	there, _ := catalog.ReadProject("project.yaml", data) // it may have keys that the tooling here does not know yet
	c := &christening{
		root: u.root, modules: modules{}, from: Identity{Name: there.Name, Source: there.Source}, to: Identity{Name: here.Name, Source: here.Source},
	}
	names, err := git.List(ctx, u.root, "ls-tree", "-r", "--name-only", "-z", u.from)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if !ours(name) || path.Base(name) != "go.mod" && path.Base(name) != "package.json" {
			continue
		}
		theirs, err := git.Blob(ctx, u.root, u.from+":"+name)
		if err != nil {
			return nil, err
		}
		if path.Base(name) == "go.mod" {
			c.prefixes(name, theirs)
			continue
		}
		var manifest struct {
			Name string `json:"name"`
		}
		if json.Unmarshal(theirs, &manifest) == nil && strings.HasPrefix(manifest.Name, "@"+c.from.Name+"/") {
			c.packages = append(c.packages, manifest.Name)
		}
	}
	if c.from == c.to && len(c.modules) == 0 {
		return nil, nil
	}
	return c, nil
}

// prefixes notes the prefix of modules' paths, which a go.mod that both sides have shows.
func (c *christening) prefixes(name string, theirs []byte) {
	ours, err := os.ReadFile(filepath.Join(c.root, filepath.FromSlash(name)))
	if err != nil {
		return
	}
	from, inFolder := strings.CutSuffix(modfile.ModulePath(theirs), "/"+path.Dir(name))
	to, hereToo := strings.CutSuffix(modfile.ModulePath(ours), "/"+path.Dir(name))
	if !inFolder || !hereToo || from == to {
		return
	}
	for _, top := range append([]string{"libs"}, catalog.Folders...) {
		c.modules[from+"/"+top] = to + "/" + top
	}
}

// here is upstream's version of a file as it would be in this project: under its names, and of the README with its own table
// of sizes.
func (u *upstream) here(name string, theirs, ours []byte) []byte {
	if name == "README.md" {
		theirs = []byte(sizetable.Keep(string(theirs), string(ours)))
	}
	if u.names == nil || !text(theirs) || len(theirs) == 0 {
		return theirs
	}
	renamed, err := u.names.edit(name, theirs)
	if err != nil { // what cannot be read is merged as it is
		return theirs
	}
	return renamed
}

// rename gives what the merge brought, and has no conflicts, this project's names.
func (u *upstream) rename(ctx context.Context) error {
	if u.names == nil {
		return nil
	}
	names, err := git.List(ctx, u.root, "diff", "--cached", "--name-only", "--diff-filter=AM", "-z", "HEAD")
	if err != nil {
		return err
	}
	for _, name := range names {
		file := filepath.Join(u.root, filepath.FromSlash(name))
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
		renamed, err := u.names.edit(name, data)
		if err != nil || slices.Equal(renamed, data) {
			continue // a file that cannot be read is for linters to report
		}
		if err := u.replace(ctx, name, renamed); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}
