package rules

import (
	"path"
	"slices"
	"strings"

	"example.com/stagecraft/internal/image"
)

// loader finds libraries as the dynamic linker of an image would.
// Sources: ld.so(8), and musl's ldso/dynlink.c, https://wiki.musl-libc.org/functional-differences-from-glibc.html
type loader struct {
	i        *Image
	musl     bool
	triplet  string // Debian's name of the machine, as in /usr/lib/x86_64-linux-gnu
	defaults []string
	env      []string
	names    map[string]bool // of every library in the image: file names and sonames
}

var triplets = map[string]string{
	"amd64": "x86_64-linux-gnu", "arm64": "aarch64-linux-gnu", "arm": "arm-linux-gnueabihf", "386": "i386-linux-gnu",
	"ppc64le": "powerpc64le-linux-gnu", "s390x": "s390x-linux-gnu", "riscv64": "riscv64-linux-gnu", "loong64": "loongarch64-linux-gnu",
}

func newLoader(i *Image) *loader {
	l := &loader{i: i, triplet: triplets[i.Config().Architecture], names: map[string]bool{}}
	for _, f := range i.elves {
		l.musl = l.musl || strings.Contains(f.interpreter, "/ld-musl-")
		l.names[path.Base(f.path)] = true
		l.names[f.soname] = true
	}
	l.env = strings.FieldsFunc(i.env("LD_LIBRARY_PATH"), func(r rune) bool { return r == ':' || r == ';' })
	if l.musl {
		l.defaults = l.muslPath()
		return l
	}
	l.defaults = append(cached(i.text("/etc/ld.so.cache")),
		"/lib/"+l.triplet, "/usr/lib/"+l.triplet, "/lib64", "/usr/lib64", "/lib", "/usr/lib")
	return l
}

// muslPath is what /etc/ld-musl-ARCH.path says, or else musl's default.
func (l *loader) muslPath() []string {
	for _, e := range l.i.tree.Entries() {
		if ok, _ := path.Match("/etc/ld-musl-*.path", e.Path); ok {
			return strings.FieldsFunc(l.i.text(e.Path), func(r rune) bool { return r == ':' || r == '\n' })
		}
	}
	return []string{"/lib", "/usr/local/lib", "/usr/lib"}
}

// lack is a library that a file needs and the linker does not find.
type lack struct {
	file *elfFile
	name string
}

// load follows what a file needs, what that needs, and so on. It returns what is not found, and the files that are.
func (l *loader) load(root *elfFile) (missing []lack, loaded map[*elfFile]bool) {
	type step struct {
		file    *elfFile
		parents []*elfFile // who asked for it, the nearest first
	}
	loaded = map[*elfFile]bool{root: true}
	byName := map[string]bool{path.Base(root.interpreter): true}
	todo := []step{{file: root}}
	for len(todo) > 0 {
		s := todo[0]
		todo = todo[1:]
		for _, name := range s.file.needed {
			if byName[name] {
				continue
			}
			byName[name] = true
			f := l.find(name, s.file, s.parents)
			switch {
			case f == nil && l.musl && muslOwn(name):
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

// muslOwn tells whether a library is part of musl itself. glibc's names are too as far as musl's linker is concerned, but
// what was linked against them asks for symbols that musl does not have.
func muslOwn(name string) bool {
	return strings.HasPrefix(name, "libc.musl-") || name == "libc.so" || strings.HasPrefix(name, "ld-musl-")
}

// find is the library of that name for a file, or nil.
func (l *loader) find(name string, f *elfFile, parents []*elfFile) *elfFile {
	if strings.Contains(name, "/") {
		return l.open(name, f)
	}
	for _, dir := range l.folders(f, parents) {
		if lib := l.open(path.Join(dir, name), f); lib != nil {
			return lib
		}
	}
	return nil
}

func (l *loader) folders(f *elfFile, parents []*elfFile) []string {
	var all []string
	own := func(g *elfFile, list []string) {
		for _, dir := range list {
			all = append(all, l.expand(dir, g))
		}
	}
	if len(f.runpath) == 0 || l.musl {
		own(f, f.rpath)
		for _, p := range parents { // DT_RPATH holds for what is loaded below; musl treats DT_RUNPATH alike
			if len(p.runpath) == 0 {
				own(p, p.rpath)
			} else if l.musl {
				own(p, p.runpath)
			}
		}
	}
	all = append(all, l.env...)
	own(f, f.runpath)
	return append(all, l.defaults...)
}

// cached are the folders of the libraries that ldconfig has noted. glibc reads nothing else: a folder that is only in
// ld.so.conf is not searched.
func cached(cache string) []string {
	var dirs []string
	for word := range strings.SplitSeq(cache, "\x00") {
		if i := strings.Index(word, "/"); i >= 0 && strings.Contains(word, ".so") && !slices.Contains(dirs, path.Dir(word[i:])) {
			dirs = append(dirs, path.Dir(word[i:]))
		}
	}
	return dirs
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
