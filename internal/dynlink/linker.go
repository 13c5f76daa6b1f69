// Package dynlink finds the libraries of ELF files as the dynamic linkers of an image would.
package dynlink

import (
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
)

// Linker is a dynamic linker of an image: glibc's, musl's, or one that stands in for glibc's on musl.
type Linker struct {
	*Loader
	interpreter string // as programs name it; "" when the image has no program that names one
	Musl        bool   // searches as musl does
	Owns        func(name string) bool
	defaults    []string
}

// Linker is the one that a program with that interpreter is loaded by.
func (l *Loader) Linker(interpreter string) *Linker {
	k := l.linkers[interpreter]
	if k == nil {
		k = l.newLinker(interpreter)
		l.linkers[interpreter] = k
	}
	return k
}

func (l *Loader) newLinker(interpreter string) *Linker {
	k := &Linker{Loader: l, interpreter: interpreter}
	at := interpreter
	if e, err := l.i.Tree.Resolve(interpreter); err == nil {
		at = e.Path
	}
	switch {
	case isMusl(interpreter):
		k.Musl, k.Owns, k.defaults = true, muslOwn, l.muslPath()
	case isMusl(at), l.Names["libgcompat.so.0"]: // Alpine's libc6-compat and gcompat
		k.Musl, k.Owns, k.defaults = true, muslCompat, l.muslPath()
	default:
		k.Owns = func(string) bool { return false }
		k.defaults = append(cached(l.i.Text("/etc/ld.so.cache")),
			"/lib/"+l.triplet, "/usr/lib/"+l.triplet, "/lib64", "/usr/lib64", "/lib", "/usr/lib")
		if interpreter != "" { // a glibc elsewhere has its libraries next to it
			k.defaults = append(k.defaults, path.Dir(at))
		}
	}
	return k
}

func isMusl(interpreter string) bool { return strings.HasPrefix(path.Base(interpreter), "ld-musl-") }

// muslOwn reports whether a library is part of musl itself. glibc's names are too as far as musl's linker is concerned, but
// what was linked against them asks for symbols that musl does not have.
func muslOwn(name string) bool {
	return strings.HasPrefix(name, "libc.musl-") || name == "libc.so" || strings.HasPrefix(name, "ld-musl-")
}

var glibcInMusl = regexp.MustCompile(`^lib(c|dl|m|pthread|rt|util|xnet)\.`)

// muslCompat is muslOwn where something gives musl the symbols of glibc.
func muslCompat(name string) bool { return muslOwn(name) || glibcInMusl.MatchString(name) }

// muslPath is what /etc/ld-musl-ARCH.path says, or else musl's default.
func (l *Loader) muslPath() []string {
	for _, e := range l.i.Tree.Entries() {
		if ok, _ := path.Match("/etc/ld-musl-*.path", e.Path); ok {
			return strings.FieldsFunc(l.i.Text(e.Path), func(r rune) bool { return r == ':' || r == '\n' })
		}
	}
	return []string{"/lib", "/usr/local/lib", "/usr/lib"}
}

// Usual is the linker of what the image starts, or else of most of its programs: that of a library which none of them asks
// for.
func (l *Loader) Usual() *Linker {
	if words := l.i.Command(); len(words) > 0 {
		if _, e, err := l.i.LookPath(words[0]); err == nil {
			if f := l.i.ELF(e); f != nil && f.Interpreter != "" {
				return l.Linker(f.Interpreter)
			}
		}
	}
	count := map[string]int{}
	for _, f := range l.i.ELFs {
		if _, err := l.i.Tree.Resolve(f.Interpreter); err == nil && f.Interpreter != "" {
			count[f.Interpreter]++
		}
	}
	most := ""
	for _, interpreter := range slices.Sorted(maps.Keys(count)) {
		if count[interpreter] > count[most] {
			most = interpreter
		}
	}
	return l.Linker(most)
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
