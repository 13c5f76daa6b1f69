// Package starter makes a repository one's own: services made from others, services removed, the whole renamed.
package starter

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"
	"golang.org/x/mod/modfile"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/git"
	"example.com/stagecraft/internal/manifest"
	"example.com/stagecraft/internal/render"
)

// Made is a service that New made.
type Made struct {
	Service  catalog.Service
	From     catalog.Service
	Files    int      // that were copied
	Rendered []string // files that were rendered
	Kept     []string // FILE:LINE where the old name still stands
}

// New makes services/NAME from a service or an example: its files as git knows them, with the new name, and with the next free port
// where a service has its port. It is there as a whole or, after an error, not at all.
func New(ctx context.Context, root, from, name string) (Made, error) {
	made, err := create(ctx, root, from, name)
	if err != nil {
		return Made{}, fmt.Errorf("make services/%s from %s: %w", name, from, err)
	}
	return made, nil
}

func create(ctx context.Context, root, from, name string) (Made, error) {
	repository, err := catalog.Load(root)
	if err != nil {
		return Made{}, err
	}
	old, err := find(repository.All(), from)
	if err != nil {
		return Made{}, fmt.Errorf("choose another -from: %w", err)
	}
	if err := free(root, repository, name); err != nil {
		return Made{}, err
	}
	// Next to services/, so that relative paths lead to the same places, and ignored by git and by the catalog.
	draft := filepath.Join(root, "out", "new-"+name)
	defer os.RemoveAll(draft)
	if err := os.RemoveAll(draft); err != nil {
		return Made{}, err
	}
	n := &newcomer{
		root: root, from: old, draft: draft, port: freePort(repository.Services, old.Port),
		renaming: renaming{dir: old.Dir, newDir: "services/" + name, names: []string{old.Name}, name: name},
	}
	if err := n.copy(ctx); err != nil {
		return Made{}, err
	}
	return n.publish()
}

// find is the service of that name.
func find(all []catalog.Service, name string) (catalog.Service, error) {
	names := make([]string, len(all))
	for i, s := range all {
		if names[i] = s.Name; s.Name == name {
			return s, nil
		}
	}
	return catalog.Service{}, fmt.Errorf("there is no service %q; %s", name, catalog.Hint(name, names))
}

// free is an error when a new service cannot have a name.
func free(root string, repository catalog.Repository, name string) error {
	if problem, better := catalog.NameProblem(name); better != "" {
		return fmt.Errorf("a service's name is %s; try -name=%s", problem, better)
	} else if problem != "" {
		return fmt.Errorf("it cannot have that name: %s; choose another one", problem)
	}
	for _, s := range repository.All() {
		if s.Name == name {
			return fmt.Errorf("%s has that name; choose another one", s.Dir)
		}
	}
	if _, err := os.Lstat(filepath.Join(root, "services", name)); err == nil {
		return fmt.Errorf("services/%s is there already; choose another name, or remove the folder", name)
	}
	return nil
}

// freePort is that port, or the next one that no service has; a service without a port gets none.
func freePort(services []catalog.Service, port int) int {
	if port == 0 {
		return 0
	}
	for slices.ContainsFunc(services, func(s catalog.Service) bool { return s.Port == port }) {
		port++
	}
	return port
}

// newcomer is a service in the making.
type newcomer struct {
	renaming
	root    string
	from    catalog.Service
	draft   string // the folder that becomes the service's
	port    int
	modules modules
	files   []string // of the draft
}

// copy writes the service's files to the draft, as git knows them.
func (n *newcomer) copy(ctx context.Context) error {
	names, err := git.List(ctx, filepath.Join(n.root, filepath.FromSlash(n.from.Dir)), "ls-files", "--cached", "--others", "--exclude-standard", "-z")
	if err != nil {
		return err
	}
	if err := n.identify(); err != nil {
		return err
	}
	for _, name := range names {
		info, err := os.Lstat(n.source(name))
		if errors.Is(err, fs.ErrNotExist) { // deleted, and not committed yet
			continue
		}
		if err == nil {
			err = n.write(name, info)
		}
		if err != nil {
			return fmt.Errorf("%s/%s: %w", n.from.Dir, name, err)
		}
		n.files = append(n.files, n.path(name))
	}
	return nil
}

func (n *newcomer) source(name string) string {
	return filepath.Join(n.root, filepath.FromSlash(n.from.Dir), filepath.FromSlash(name))
}

// identify finds the names of the service's module, package and project.
func (n *newcomer) identify() error {
	names := n.names
	if data, err := os.ReadFile(n.source("go.mod")); err == nil {
		if majorVersion.MatchString(n.name) {
			return fmt.Errorf("the go command reads %s at the end of a module's path as a version; choose another name", n.name)
		}
		module := modfile.ModulePath(data)
		names = append(names, manifest.Program(n.source("")))
		parent, inFolder := strings.CutSuffix(module, "/"+n.dir)
		if inFolder {
			n.modules = modules{module: parent + "/" + n.newDir}
		} else {
			n.modules = modules{module: path.Join(path.Dir(module), n.name)}
		}
	}
	if data, err := os.ReadFile(n.source("package.json")); err == nil {
		var manifest struct {
			Name string `json:"name"`
		}
		_ = json.Unmarshal(data, &manifest) // packageName reports it
		names = append(names, manifest.Name)
	}
	if data, err := os.ReadFile(n.source("pyproject.toml")); err == nil {
		var manifest struct {
			Project struct{ Name string }
		}
		_ = toml.Unmarshal(data, &manifest) // the build reports it
		names = append(names, manifest.Project.Name)
	}
	slices.Sort(names)
	n.names = slices.DeleteFunc(slices.Compact(names), func(name string) bool { return name == "" })
	return nil
}

// majorVersion is no program's name: the go command takes the element before it.
var majorVersion = regexp.MustCompile(`^v[0-9]+$`)

// write writes one file to the draft.
func (n *newcomer) write(name string, info fs.FileInfo) error {
	to := filepath.Join(n.draft, filepath.FromSlash(n.path(name)))
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	if info.Mode()&fs.ModeSymlink != 0 {
		target, err := os.Readlink(n.source(name))
		if err != nil {
			return err
		}
		return os.Symlink(target, to)
	}
	data, err := os.ReadFile(n.source(name))
	if err != nil {
		return err
	}
	if data, err = n.content(name, data); err != nil {
		return err
	}
	return os.WriteFile(to, data, info.Mode().Perm())
}

// content is the new content of a file.
func (n *newcomer) content(name string, data []byte) (_ []byte, err error) {
	switch base := path.Base(name); {
	case !text(data):
		return data, nil
	case base == "go.mod":
		return n.modules.goMod(data)
	case name == "package.json":
		return packageName(data, n.name)
	case name == "package-lock.json":
		if lockedNpm(data, n.name) {
			return nil, fmt.Errorf("%s is a package that it depends on; choose another name", n.name)
		}
		return packageName(data, n.name)
	case name == "pyproject.toml":
		if data, err = projectName(data, n.name); err != nil {
			return nil, err
		}
	case name == "uv.lock":
		return uvLockName(data, n.name)
	case slices.Contains(locks, base):
		return data, nil
	case strings.HasSuffix(base, ".go"):
		if data, err = n.modules.imports(data); err != nil {
			return nil, err
		}
	}
	if generated(name, data) {
		return data, nil
	}
	data = []byte(n.text(string(data)))
	if n.port != n.from.Port && (name == "service.yaml" || name == "README.md") {
		data = n.ports(data)
	}
	return data, nil
}

// locks are files that only their tools write and that name no service.
var locks = []string{"go.sum", "pnpm-lock.yaml", "yarn.lock", "package-lock.json", "uv.lock"}

// ports replaces the port in facts, in URLs and in what docker publishes.
func (n *newcomer) ports(data []byte) []byte {
	old, port := strconv.Itoa(n.from.Port), strconv.Itoa(n.port)
	data = regexp.MustCompile(`(?m)^(port: *)`+old+`\b`).ReplaceAll(data, []byte("${1}"+port))
	data = regexp.MustCompile(`:`+old+`\b`).ReplaceAll(data, []byte(":"+port))
	return regexp.MustCompile(`\b`+old+`:`).ReplaceAll(data, []byte(port+":"))
}

// publish puts the draft in its place and renders what follows from it; after an error nothing is left of it.
func (n *newcomer) publish() (made Made, err error) {
	place := filepath.Join(n.root, filepath.FromSlash(n.newDir))
	if err := os.MkdirAll(filepath.Dir(place), 0o755); err != nil {
		return Made{}, err
	}
	if err := os.Rename(n.draft, place); err != nil {
		return Made{}, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(place))
		}
	}()
	repository, err := catalog.Load(n.root)
	if err != nil {
		return Made{}, err
	}
	service, err := find(repository.Services, n.name)
	if err != nil {
		return Made{}, err
	}
	if problems, _ := manifest.Check(n.root, []catalog.Service{service}); len(problems) > 0 {
		return Made{}, problems
	}
	rendered, err := render.Write(n.root, repository)
	if err != nil {
		return Made{}, err
	}
	return Made{Service: service, From: n.from, Files: len(n.files), Rendered: rendered, Kept: n.left()}, nil
}

// left are the lines of the new service that still have an old name.
func (n *newcomer) left() (lines []string) {
	for _, name := range n.files {
		name = path.Join(n.newDir, name)
		data, err := os.ReadFile(filepath.Join(n.root, filepath.FromSlash(name)))
		if err != nil || !text(data) || slices.Contains(locks, path.Base(name)) {
			continue
		}
		for i, line := range strings.Split(string(data), "\n") {
			if n.named(line) {
				lines = append(lines, fmt.Sprintf("%s:%d", name, i+1))
			}
		}
	}
	return lines
}

// text reports whether a file is one that people read.
func text(data []byte) bool { return utf8.Valid(data) && !bytes.ContainsRune(data, 0) }
