package rules

import (
	"path"
	"strings"

	"example.com/stagecraft/internal/image"
)

// loader finds libraries as the dynamic linkers of an image would. There may be several: a program says which it is for.
// Sources: ld.so(8), and musl's ldso/dynlink.c, https://wiki.musl-libc.org/functional-differences-from-glibc.html
type loader struct {
	i       *Image
	triplet string // Debian's name of the machine, as in /usr/lib/x86_64-linux-gnu
	env     []string
	names   map[string]bool    // of every library in the image: file names and sonames
	linkers map[string]*linker // by the interpreter that programs name
}

var triplets = map[string]string{
	"amd64": "x86_64-linux-gnu", "arm64": "aarch64-linux-gnu", "arm": "arm-linux-gnueabihf", "386": "i386-linux-gnu",
	"ppc64le": "powerpc64le-linux-gnu", "s390x": "s390x-linux-gnu", "riscv64": "riscv64-linux-gnu", "loong64": "loongarch64-linux-gnu",
}

func newLoader(i *Image) *loader {
	l := &loader{i: i, triplet: triplets[i.Config().Architecture], names: map[string]bool{}, linkers: map[string]*linker{}}
	for _, f := range i.elves {
		l.names[path.Base(f.path)] = true
		l.names[f.soname] = true
	}
	l.env = strings.FieldsFunc(i.env("LD_LIBRARY_PATH"), func(r rune) bool { return r == ':' || r == ';' })
	return l
}

// lack is a library that a file needs and the linker does not find.
type lack struct {
	file *elfFile
	name string
}

// load follows what a file needs, what that needs, and so on. It returns what is not found, and the files that are.
func (k *linker) load(root *elfFile) (missing []lack, loaded map[*elfFile]bool) {
	type step struct {
		file    *elfFile
		parents []*elfFile // who asked for it, the nearest first
	}
	loaded = map[*elfFile]bool{root: true}
	byName := map[string]bool{path.Base(k.interpreter): true}
	todo := []step{{file: root}}
	for len(todo) > 0 {
		s := todo[0]
		todo = todo[1:]
		for _, name := range s.file.needed {
			if byName[name] {
				continue
			}
			byName[name] = true
			f := k.find(name, s.file, s.parents)
			switch {
			case f == nil && k.owns(name):
			case f == nil:
				missing = append(missing, lack{s.file, name})
			case !loaded[f]:
				loaded[f] = true
				byName[f.soname] = true
				todo = append(todo, step{f, append([]*elfFile{s.file}, s.parents...)})
			}
		}
	}
	return missing, loaded
}

// find is the library of that name for a file, or nil.
func (k *linker) find(name string, f *elfFile, parents []*elfFile) *elfFile {
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

func (k *linker) folders(f *elfFile, parents []*elfFile) []string {
	var all []string
	own := func(g *elfFile, list []string) {
		for _, dir := range list {
			all = append(all, k.expand(dir, g))
		}
	}
	if len(f.runpath) == 0 || k.musl {
		own(f, f.rpath)
		for _, p := range parents { // DT_RPATH holds for what is loaded below; musl treats DT_RUNPATH alike
			if len(p.runpath) == 0 {
				own(p, p.rpath)
			} else if k.musl {
				own(p, p.runpath)
			}
		}
	}
	all = append(all, k.env...)
	own(f, f.runpath)
	return append(all, k.defaults...)
}

// expand replaces what ld.so replaces in a path of an ELF file.
func (l *loader) expand(dir string, f *elfFile) string {
	lib := "lib"
	if l.triplet != "" {
		lib = "lib/" + l.triplet
	}
	return strings.NewReplacer(
		"$ORIGIN", path.Dir(f.path), "${ORIGIN}", path.Dir(f.path), "$LIB", lib, "${LIB}", lib,
	).Replace(dir)
}

// open is the ELF file at a path if it is for the same machine: the linker passes over others.
func (l *loader) open(p string, f *elfFile) *elfFile {
	e, err := l.i.tree.Resolve(p)
	if err != nil {
		return nil
	}
	lib := l.i.elf(e)
	if lib == nil || lib.of() != f.of() {
		return nil
	}
	return lib
}

// elf is the ELF file of an entry; of a hard link, its first name's.
func (i *Image) elf(e image.Entry) *elfFile {
	if f := i.elves[e.Path]; f != nil {
		return f
	}
	if e.HardLink {
		if target, err := i.tree.Resolve(e.Link); err == nil && !target.HardLink {
			return i.elves[target.Path]
		}
	}
	return nil
}
