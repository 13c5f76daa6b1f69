package manifest

import (
	"bytes"
	"errors"
	"fmt"
	"go/build"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"

	"example.com/stagecraft/internal/catalog"
)

var golang = kind{
	file: "go.mod",
	read: func(data []byte) ([]link, error) {
		module, err := modfile.Parse("go.mod", data, nil)
		if err != nil {
			return nil, err
		}
		var links []link
		for _, r := range module.Replace {
			if r.New.Version == "" {
				links = append(links, link{r.Syntax.Start.Line, "replace " + r.Old.Path, r.New.Path})
			}
		}
		return links, nil
	},
	depend: func(path string, shared []byte) string {
		module := modfile.ModulePath(shared)
		return fmt.Sprintf("write `require %s v0.0.0` and `replace %s => %s`", module, module, path)
	},
	check: (*checker).golang,
}

// Program is the name of the program that the Go module in a folder builds from the package at its top: the last element of
// the module's path that is not a major version, as the go command has it. Without a go.mod it is the folder's name.
func Program(folder string) string {
	data, err := os.ReadFile(filepath.Join(folder, "go.mod"))
	if module := modfile.ModulePath(data); err == nil && module != "" {
		return path.Base(regexp.MustCompile(`/v[0-9]+$`).ReplaceAllString(module, ""))
	}
	return filepath.Base(folder)
}

func (c *checker) golang() {
	dir := c.service.Dir
	if !c.has(dir, "go.mod") {
		c.add(dir+"/go.mod", 0, "", "is not there; run `go -C %s mod init MODULE` and `go -C %[1]s mod tidy`", dir)
		return
	}
	shared := c.sharedModules()
	for _, folder := range c.folders() {
		// One that cannot be read is reported by uses.
		if module, err := modfile.Parse("go.mod", c.read(folder, "go.mod"), nil); err == nil {
			c.requirements(folder, module, shared)
		}
	}
	c.programs()
}

// sharedModules are the modules of this repository that services may share, and their folders.
func (c *checker) sharedModules() map[string]string {
	modules := map[string]string{}
	for _, pattern := range []string{"libs/*/go.mod", "libs/*/*/go.mod", "examples/libs/*/go.mod"} {
		files, _ := fs.Glob(os.DirFS(c.root), pattern)
		for _, file := range files {
			modules[modfile.ModulePath(c.read(file))] = path.Dir(file)
		}
	}
	return modules
}

// requirements checks what a module requires: modules of this repository by path, and all others with their checksums.
func (c *checker) requirements(folder string, module *modfile.File, shared map[string]string) {
	sums := c.read(folder, "go.sum")
	var missing []string
	for _, r := range module.Require {
		wanted, local := r.Mod, false
		for _, replace := range module.Replace {
			if replace.Old.Path == r.Mod.Path && (replace.Old.Version == "" || replace.Old.Version == r.Mod.Version) {
				wanted, local = replace.New, replace.New.Version == ""
			}
		}
		lib, ours := shared[r.Mod.Path]
		switch {
		case local:
		case ours:
			c.add(folder+"/go.mod", r.Syntax.Start.Line, "require "+r.Mod.Path, "is %s of this repository, which no proxy has; write `replace %s => %s`",
				lib, r.Mod.Path, relative(folder, lib))
		case !bytes.Contains(sums, []byte(wanted.Path+" "+wanted.Version+"/go.mod ")):
			missing = append(missing, wanted.Path)
		}
	}
	switch {
	case len(missing) == 0:
	case sums == nil:
		c.add(folder+"/go.sum", 0, "", "is not there, but go.mod requires %s; run `go -C %s mod tidy`", missing[0], folder)
	default:
		c.add(folder+"/go.sum", 0, "", "is older than go.mod: it lacks %s; run `go -C %s mod tidy`", some(missing), folder)
	}
}

// programs checks that what the service runs is built by its module.
func (c *checker) programs() {
	dir := filepath.Join(c.root, filepath.FromSlash(c.service.Dir))
	names, err := programs(dir, strings.Contains(c.template, "CGO_ENABLED=1"))
	if err != nil {
		c.add(c.service.Dir, 0, "", "looking for its programs: %s", show(err.Error()))
		return
	}
	var paths []string
	for _, name := range names {
		paths = append(paths, "/"+name)
	}
	if len(paths) == 0 {
		c.add(c.service.Dir, 0, "", "has no package main for Linux, so that nothing can be run; write one")
		return
	}
	if own := "/" + Program(dir); len(c.service.Command) == 0 && strings.Contains(c.template, ".Program") && !slices.Contains(paths, own) {
		c.fact("command", nil, "is missing: the module does not build %s; write command: [%s]", own, strings.Join(paths, "] or ["))
	}
	for key, command := range c.allCommands() {
		// Only what is at the top comes from the module: another program may come from a package.
		if program := command[0]; path.Dir(program) == "/" && !slices.Contains(paths, program) {
			c.fact(key+"[0]", append(strings.Split(key, "."), "0"), "is %s, which the module does not build; %s", show(program), catalog.Hint(program, paths))
		}
	}
}

// programs are the names of the programs that a module's packages build on Linux, as `go build ./...` has them.
func programs(dir string, cgo bool) ([]string, error) {
	target := build.Default
	target.GOOS, target.GOARCH, target.CgoEnabled = "linux", "amd64", cgo
	var names []string
	err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		base := entry.Name()
		if name != dir {
			_, err := os.Stat(filepath.Join(name, "go.mod"))
			if err == nil || base == "testdata" || base == "vendor" || base == "node_modules" || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") {
				return fs.SkipDir
			}
		}
		found, err := target.ImportDir(name, 0)
		var several *build.MultiplePackageError
		if err != nil && !errors.As(err, &several) || found.Name != "main" {
			return nil // most folders have no Go files, and the compiler reports those that cannot be parsed
		}
		if name == dir {
			base = Program(dir)
		}
		names = append(names, base)
		return nil
	})
	slices.Sort(names)
	return names, err
}

// some shortens a list of names.
func some(names []string) string {
	if len(names) > 3 {
		return fmt.Sprintf("%s and %d more", show(strings.Join(names[:3], ", ")), len(names)-3)
	}
	return show(strings.Join(names, ", "))
}
