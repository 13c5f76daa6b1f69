// Package rootfs is what an image holds: its files, which of them are ELF files, and how the engine would look them up.
package rootfs

import (
	"cmp"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"example.com/stagecraft/internal/elffile"
	"example.com/stagecraft/internal/image"
)

// FS is the root file system of an image of one platform.
type FS struct {
	image.Image

	Tree    *image.Tree
	Names   []image.Entry            // regular files, a hard-linked one by each of its names
	Regular []image.Entry            // regular files, a hard-linked one once
	Links   map[string][]string      // its other names, by the path that it has in Regular
	ELFs    map[string]*elffile.File // by the path in Regular
}

// Read reads the files of an image, and the ELF files among them.
func Read(img image.Image) (*FS, error) {
	tree, err := img.Files()
	if err != nil {
		return nil, err
	}
	i := &FS{Image: img, Tree: tree, ELFs: map[string]*elffile.File{}, Links: map[string][]string{}}
	for _, e := range tree.Entries() {
		if !e.Mode.IsRegular() {
			continue
		}
		i.Names = append(i.Names, e)
		if e.HardLink {
			i.Links[e.Link] = append(i.Links[e.Link], e.Path)
			continue
		}
		i.Regular = append(i.Regular, e)
		if e.Size < 52 { // the smallest ELF header
			continue
		}
		content, err := tree.Open(e.Path)
		if err != nil {
			return nil, err
		}
		if f := elffile.Read(e.Path, content); f != nil {
			i.ELFs[e.Path] = f
		}
	}
	return i, nil
}

// FirstPath is the path that a file has in Regular, whichever of its names an entry is.
func FirstPath(e image.Entry) string {
	if e.HardLink {
		return e.Link
	}
	return e.Path
}

// Text is the content of a small file, "" when there is none.
func (i *FS) Text(p string) string {
	content, err := i.Tree.Open(p)
	if err != nil || content.Size() > 64<<20 {
		return ""
	}
	data, err := io.ReadAll(content)
	if err != nil {
		return ""
	}
	return string(data)
}

// RunConfig is never nil.
func (i *FS) RunConfig() v1.Config {
	if c := i.Config(); c != nil {
		return c.Config
	}
	return v1.Config{}
}

// Command is what the image starts: the entry point, else the command.
func (i *FS) Command() []string {
	c := i.RunConfig()
	return append(slices.Clone(c.Entrypoint), c.Cmd...)
}

// Env is a variable of the image's environment.
func (i *FS) Env(name string) string {
	for _, e := range i.RunConfig().Env {
		if key, value, _ := strings.Cut(e, "="); key == name {
			return value
		}
	}
	return ""
}

// LookPath finds a program as the engine does: by its path, or in PATH. p is the path by which it is found.
func (i *FS) LookPath(name string) (p string, e image.Entry, err error) {
	if strings.Contains(name, "/") {
		if !path.IsAbs(name) {
			name = path.Join(cmp.Or(i.RunConfig().WorkingDir, "/"), name)
		}
		e, err = i.Tree.Resolve(name)
		return name, e, err
	}
	search := cmp.Or(i.Env("PATH"), "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
	for dir := range strings.SplitSeq(search, ":") {
		p := path.Join("/", dir, name)
		if e, err := i.Tree.Resolve(p); err == nil && e.Mode.IsRegular() && e.Mode&0o111 != 0 {
			return p, e, nil
		}
	}
	return "", image.Entry{}, fmt.Errorf("%s is in no folder of PATH=%s", name, search)
}

// ELF is the ELF file of an entry; of a hard link, its first name's.
func (i *FS) ELF(e image.Entry) *elffile.File {
	if f := i.ELFs[e.Path]; f != nil {
		return f
	}
	if e.HardLink {
		if target, err := i.Tree.Resolve(e.Link); err == nil && !target.HardLink {
			return i.ELFs[target.Path]
		}
	}
	return nil
}
