package dynlink

import (
	"path"
	"strings"

	"example.com/stagecraft/internal/elffile"
	"example.com/stagecraft/internal/rootfs"
)

// Loader finds libraries as the dynamic linkers of an image would. There may be several: a program says which it is for.
// Sources: ld.so(8), and musl's ldso/dynlink.c, https://wiki.musl-libc.org/functional-differences-from-glibc.html
type Loader struct {
	i       *rootfs.FS
	triplet string // Debian's name of the machine, as in /usr/lib/x86_64-linux-gnu
	env     []string
	Names   map[string]bool    // of every library in the image: file names and sonames
	linkers map[string]*Linker // by the interpreter that programs name
}

var triplets = map[string]string{
	"amd64": "x86_64-linux-gnu", "arm64": "aarch64-linux-gnu", "arm": "arm-linux-gnueabihf", "386": "i386-linux-gnu",
	"ppc64le": "powerpc64le-linux-gnu", "s390x": "s390x-linux-gnu", "riscv64": "riscv64-linux-gnu", "loong64": "loongarch64-linux-gnu",
}

// New is a loader for the files of an image.
func New(i *rootfs.FS) *Loader {
	l := &Loader{i: i, triplet: triplets[i.Config().Architecture], Names: map[string]bool{}, linkers: map[string]*Linker{}}
	for _, f := range i.ELFs {
		l.Names[path.Base(f.Path)] = true
		l.Names[f.Soname] = true
	}
	l.env = strings.FieldsFunc(i.Env("LD_LIBRARY_PATH"), func(r rune) bool { return r == ':' || r == ';' })
	return l
}

// Missing is a library that a file needs and the linker does not find.
type Missing struct {
	File *elffile.File
	Name string
}

// Load follows what a file needs, what that needs, and so on. It returns what is not found, and the files that are.
func (k *Linker) Load(root *elffile.File) (missing []Missing, loaded map[*elffile.File]bool) {
	type step struct {
		file    *elffile.File
		parents []*elffile.File // who asked for it, the nearest first
	}
	loaded = map[*elffile.File]bool{root: true}
	byName := map[string]bool{path.Base(k.interpreter): true}
	todo := []step{{file: root}}
	for len(todo) > 0 {
		s := todo[0]
		todo = todo[1:]
		for _, name := range s.file.Needed {
			if byName[name] {
				continue
			}
			byName[name] = true
			f := k.find(name, s.file, s.parents)
			switch {
			case f == nil && k.Owns(name):
			case f == nil:
				missing = append(missing, Missing{s.file, name})
			case !loaded[f]:
				loaded[f] = true
				byName[f.Soname] = true
				todo = append(todo, step{f, append([]*elffile.File{s.file}, s.parents...)})
			}
		}
	}
	return missing, loaded
}

// find is the library of that name for a file, or nil.
func (k *Linker) find(name string, f *elffile.File, parents []*elffile.File) *elffile.File {
	if strings.Contains(name, "/") {
		return k.open(name, f)
	}
	for _, dir := range k.folders(f, parents) {
		if lib := k.open(path.Join(dir, name), f); lib != nil {
			return lib
		}
	}
	return nil
}

func (k *Linker) folders(f *elffile.File, parents []*elffile.File) []string {
	var all []string
	own := func(g *elffile.File, list []string) {
		for _, dir := range list {
			all = append(all, k.expand(dir, g))
		}
	}
	if len(f.Runpath) == 0 || k.Musl {
		own(f, f.Rpath)
		for _, p := range parents { // DT_RPATH holds for what is loaded below; musl treats DT_RUNPATH alike
			if len(p.Runpath) == 0 {
				own(p, p.Rpath)
			} else if k.Musl {
				own(p, p.Runpath)
			}
		}
	}
	all = append(all, k.env...)
	own(f, f.Runpath)
	return append(all, k.defaults...)
}

// expand replaces what ld.so replaces in a path of an ELF file.
func (l *Loader) expand(dir string, f *elffile.File) string {
	lib := "lib"
	if l.triplet != "" {
		lib = "lib/" + l.triplet
	}
	return strings.NewReplacer(
		"$ORIGIN", path.Dir(f.Path), "${ORIGIN}", path.Dir(f.Path), "$LIB", lib, "${LIB}", lib,
	).Replace(dir)
}

// open is the ELF file at a path if it is for the same machine: the linker passes over others.
func (l *Loader) open(p string, f *elffile.File) *elffile.File {
	e, err := l.i.Tree.Resolve(p)
	if err != nil {
		return nil
	}
	lib := l.i.ELF(e)
	if lib == nil || lib.Target() != f.Target() {
		return nil
	}
	return lib
}
