package rules

import (
	"cmp"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/image"
)

// Image is the image of one platform to look at, and what else is known about it.
type Image struct {
	image.Image
	Name    string           // as reported
	Service *catalog.Service // nil when it belongs to none
	Before  []Contributor    // of the previous build; nil when not known

	tree   *image.Tree
	names  []image.Entry       // regular files, a hard-linked one by each of its names
	files  []image.Entry       // regular files, a hard-linked one once
	links  map[string][]string // its other names, by the path that it has in files
	elves  map[string]*elfFile
	owners *owners
}

// auditImage checks one image against the rules. Its waivers are applied by the caller, for all platforms together.
func auditImage(i *Image, rules []*Rule) (Report, error) {
	report := Report{Subjects: 1}
	if err := i.read(); err != nil {
		return Report{}, fmt.Errorf("audit %s for %s: %w", i.Name, i.Platform(), err)
	}
	for _, r := range rules {
		if r.checkImage == nil || r.Needs == Service && i.Service == nil {
			continue
		}
		r.checkImage(i, func(path, what, fix string, details ...string) {
			f := Finding{Rule: r.Key, Image: i.Name, Platform: i.Platform(), Path: path, Message: what, Fix: fix, Details: details}
			if i.Service != nil {
				f.facts = i.Service.Dir + "/service.yaml"
			}
			report.Findings = append(report.Findings, f)
		})
	}
	return report, nil
}

// fileOf is the path that a file has among files, whichever of its names an entry is.
func fileOf(e image.Entry) string {
	if e.HardLink {
		return e.Link
	}
	return e.Path
}

// read reads what several rules look at.
func (i *Image) read() error {
	tree, err := i.Files()
	if err != nil {
		return err
	}
	i.tree = tree
	i.elves, i.links = map[string]*elfFile{}, map[string][]string{}
	for _, e := range tree.Entries() {
		if !e.Mode.IsRegular() {
			continue
		}
		i.names = append(i.names, e)
		if e.HardLink {
			i.links[e.Link] = append(i.links[e.Link], e.Path)
			continue
		}
		i.files = append(i.files, e)
		if e.Size < 52 { // the smallest ELF header
			continue
		}
		content, err := tree.Open(e.Path)
		if err != nil {
			return err
		}
		if f := readELF(e.Path, content); f != nil {
			i.elves[e.Path] = f
		}
	}
	i.owners = findOwners(i)
	return nil
}

// text is the content of a small file, "" when there is none.
func (i *Image) text(p string) string {
	content, err := i.tree.Open(p)
	if err != nil || content.Size() > 64<<20 {
		return ""
	}
	data, err := io.ReadAll(content)
	if err != nil {
		return ""
	}
	return string(data)
}

// config is never nil.
func (i *Image) config() v1.Config {
	if c := i.Config(); c != nil {
		return c.Config
	}
	return v1.Config{}
}

// command is what the image starts: the entry point, else the command.
func (i *Image) command() []string {
	c := i.config()
	return append(slices.Clone(c.Entrypoint), c.Cmd...)
}

// env is a variable of the image's environment.
func (i *Image) env(name string) string {
	for _, e := range i.config().Env {
		if key, value, _ := strings.Cut(e, "="); key == name {
			return value
		}
	}
	return ""
}

// lookPath finds a program as the engine does: by its path, or in PATH. p is the path by which it is found.
func (i *Image) lookPath(name string) (p string, e image.Entry, err error) {
	if strings.Contains(name, "/") {
		if !path.IsAbs(name) {
			name = path.Join(cmp.Or(i.config().WorkingDir, "/"), name)
		}
		e, err = i.tree.Resolve(name)
		return name, e, err
	}
	search := cmp.Or(i.env("PATH"), "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
	for dir := range strings.SplitSeq(search, ":") {
		p := path.Join("/", dir, name)
		if e, err := i.tree.Resolve(p); err == nil && e.Mode.IsRegular() && e.Mode&0o111 != 0 {
			return p, e, nil
		}
	}
	return "", image.Entry{}, fmt.Errorf("%s is in no folder of PATH=%s", name, search)
}
