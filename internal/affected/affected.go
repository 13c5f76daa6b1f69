// Package affected finds the services whose image, tests or proofs a change can touch. It compares two trees, that of a
// revision and the working tree, by what the build's keys are made from: what it leaves out, a build finds up to date.
package affected

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"example.com/stagecraft/internal/build"
	"example.com/stagecraft/internal/catalog"
)

// tooling are the files and folders that prove services or decide how they are built; a change of one can touch every proof.
var tooling = []string{
	".ci", ".github/workflows", ".golangci.yml", "bare", "docs/docs.go", "docs/project.schema.json", "docs/service.schema.json",
	"go.mod", "go.sum", "integration", "internal", "magefile.go", "tools",
}

// Report is what a change affects.
type Report struct {
	Base     string    `json:"base"`     // the commit that the working tree was compared with
	Tooling  bool      `json:"tooling"`  // whether the tooling changed, and with it every proof
	Services []Service `json:"services"` // of services/ and examples/
	Removed  []string  `json:"removed"`  // folders of services that are no longer there
}

// Service is an affected service.
type Service struct {
	Name    string   `json:"name"`
	Dir     string   `json:"dir"` // relative to the repository's root
	Reasons []Reason `json:"reasons"`
}

// Reason is a file, or the folder of another service, and what it is to an affected service.
type Reason struct {
	File string `json:"file"` // relative to the repository's root
	Why  string `json:"why"`
}

func (r Reason) String() string { return r.File + ", " + r.Why }

// Since compares the working tree at root, uncommitted and untracked files included, with the commit where its history and
// that of a revision parted. An error says what git lacks, and the command that fetches it.
func Since(ctx context.Context, root, revision string) (Report, error) {
	report, err := since(ctx, root, revision)
	if err != nil {
		return Report{}, fmt.Errorf("find what changed since %s: %w", revision, err)
	}
	return report, nil
}

func since(ctx context.Context, root, revision string) (Report, error) {
	commit, err := base(ctx, root, revision)
	if err != nil {
		return Report{}, err
	}
	c := comparison{root: root}
	if c.changed, c.known, err = changes(ctx, root, commit); err != nil {
		return Report{}, err
	}
	if c.repository, err = catalog.Load(root); err != nil {
		return Report{}, err
	}
	dir, err := os.MkdirTemp("", "stagecraft-affected-")
	if err != nil {
		return Report{}, err
	}
	defer os.RemoveAll(dir)
	c.before = filepath.Join(dir, "tree")
	if err := checkout(ctx, root, commit, c.before, filepath.Join(dir, "index")); err != nil {
		return Report{}, err
	}
	return c.report(commit)
}

// comparison is a repository now and before.
type comparison struct {
	root       string
	before     string // folder with the tree of the base
	repository catalog.Repository
	changed    paths // that differ from the base
	known      paths // that git does not ignore
}

func (c comparison) report(commit string) (Report, error) {
	all := c.repository.All()
	after, err := build.ReadInputs(c.root, all)
	if err != nil {
		return Report{}, err
	}
	// A Dockerfile that changed is reason enough, whatever the old one took.
	before, err := build.ReadInputs(c.before, slices.DeleteFunc(slices.Clone(all), func(s catalog.Service) bool {
		return c.changed.cover(s.Dir+"/Dockerfile") || !c.was(s.Dir+"/Dockerfile")
	}))
	if err != nil {
		return Report{}, err
	}
	report := Report{Base: commit, Services: []Service{}, Removed: c.removed()}
	common := c.common()
	report.Tooling = slices.ContainsFunc(common, func(r Reason) bool { return r.Why == theTooling })
	reasons := map[string][]Reason{}
	for _, s := range all {
		reasons[s.Name] = slices.Concat(common, c.reasons(s, before[s.Name], after[s.Name]))
	}
	spread(all, reasons)
	for _, s := range all {
		if found := reasons[s.Name]; len(found) > 0 {
			report.Services = append(report.Services, Service{Name: s.Name, Dir: s.Dir, Reasons: found})
		}
	}
	return report, nil
}

const theTooling = "the tooling"

// common are the reasons that concern every service.
func (c comparison) common() (found []Reason) {
	for _, name := range c.changed.sorted() {
		if slices.ContainsFunc(tooling, func(t string) bool { return within(name, t) }) {
			found = append(found, Reason{name, theTooling})
		} else if name == "project.yaml" {
			found = append(found, Reason{name, "the facts of all services"})
		}
	}
	return found
}

// reasons are those of one service by itself.
func (c comparison) reasons(s catalog.Service, before, after build.Inputs) (found []Reason) {
	facts, template := s.Dir+"/service.yaml", s.Language.TemplatePath()
	if !c.was(facts) {
		return []Reason{{s.Dir, "a new service"}}
	}
	if c.changed.cover(facts) {
		found = append(found, Reason{facts, "its facts"})
	}
	if s.Dockerfile == catalog.Rendered && c.changed.cover(template) {
		found = append(found, Reason{template, "its template"})
	}
	if !c.changed.cover(s.Dir+"/Dockerfile") && !bytes.Equal(before.Targets, after.Targets) {
		found = append(found, Reason{"docker-bake.json", "its bake target"})
	}
	files := slices.Concat(before.Files, after.Files)
	slices.Sort(files)
	for _, name := range slices.Compact(files) {
		_, was := slices.BinarySearch(before.Files, name)
		_, is := slices.BinarySearch(after.Files, name)
		switch {
		case name == facts:
		case c.changed.cover(name):
			found = append(found, Reason{name, c.role(s, name)})
		case before.Files == nil || was == is:
		case was:
			found = append(found, Reason{name, "no longer part of its build"})
		case c.known.cover(name): // else it is no part of any revision
			found = append(found, Reason{name, "now part of its build"})
		}
	}
	return found
}

// was reports whether the base has a path.
func (c comparison) was(name string) bool {
	_, err := os.Lstat(filepath.Join(c.before, filepath.FromSlash(name)))
	return err == nil
}

// role is what a file of a service's build is to it.
func (c comparison) role(s catalog.Service, name string) string {
	switch {
	case within(name, s.Dir):
		return "its own file"
	case slices.ContainsFunc(s.Uses, func(use string) bool { return within(name, use) }):
		return "used through uses"
	default:
		return "which its Dockerfile copies"
	}
}

// spread adds the services that depend on affected ones: a proof of theirs starts those too.
func spread(all []catalog.Service, reasons map[string][]Reason) {
	dirs := map[string]string{}
	for _, s := range all {
		dirs[s.Name] = s.Dir
	}
	spread := map[string]bool{}
	for grew := true; grew; {
		grew = false
		for _, s := range all {
			for _, name := range s.DependsOn {
				if edge := s.Name + " " + name; len(reasons[name]) > 0 && !spread[edge] {
					reasons[s.Name] = append(reasons[s.Name], Reason{dirs[name], "which it depends on"})
					spread[edge], grew = true, true
				}
			}
		}
	}
}

// removed are the folders that were services before.
func (c comparison) removed() []string {
	removed := []string{}
	for _, folder := range catalog.Folders {
		facts, _ := filepath.Glob(filepath.Join(c.before, folder, "*", "service.yaml")) // the pattern is a good one
		for _, file := range facts {
			dir := path.Join(folder, filepath.Base(filepath.Dir(file)))
			if !slices.ContainsFunc(c.repository.All(), func(s catalog.Service) bool { return s.Dir == dir }) {
				removed = append(removed, dir)
			}
		}
	}
	return removed
}

// within reports whether a path is a folder or below it.
func within(name, folder string) bool { return name == folder || strings.HasPrefix(name, folder+"/") }

// Names are the names of the affected services.
func (r Report) Names() []string {
	names := make([]string, len(r.Services))
	for i, s := range r.Services {
		names[i] = s.Name
	}
	return names
}

// Lines are a table of the affected services: name, first reason, how many more there are.
func (r Report) Lines() []string {
	var lines []string
	for _, s := range r.Services {
		line := s.Name + "\t" + s.Reasons[0].String()
		if more := len(s.Reasons) - 1; more > 0 {
			line += fmt.Sprintf("; and %d more", more)
		}
		lines = append(lines, line)
	}
	for _, dir := range r.Removed {
		lines = append(lines, path.Base(dir)+"\tremoved")
	}
	return lines
}
