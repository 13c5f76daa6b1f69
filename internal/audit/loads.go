package audit

import (
	"bufio"
	"io"
	"maps"
	"path"
	"slices"
	"strings"

	"example.com/stagecraft/internal/dynlink"
	"example.com/stagecraft/internal/elffile"
	"example.com/stagecraft/internal/finding"
)

var loads = &rule{Rule: finding.Rule{
	Key:      "loads",
	Images:   true,
	Severity: finding.Error,
	Practice: "The image's user can start what the image starts, and every program, library and script finds in the image what it needs " +
		"to run.",
	Why: "A missing interpreter or library is noticed only when the file is started: at the first request that needs it, as `no " +
		"such file or directory` for a file that exists. Libraries that a program opens by name are known for some Python packages " +
		"only.",
	Source: "https://man7.org/linux/man-pages/man8/ld.so.8.html",
	Fix:    "Copy the library or interpreter too, build for the C library of the image, link statically, or leave the file out.",
	Bad:    "FROM scratch AS runtime\nCOPY --from=build /server /server   # dynamically linked\n",
	Good:   "FROM scratch AS runtime\nCOPY --from=build /server /server   # linked with -static\n",
}, check: func(i *Image, found atPath) {
	checkStart(i, found)
	checkLibraries(i, found)
	checkOpened(i, found)
	checkScripts(i, found)
}}

// checkLibraries looks at all ELF files. A program must find its libraries on its own. A library that no program asks for
// is opened by name, by a program that may have loaded others before: enough that they exist.
func checkLibraries(i *Image, found atPath) {
	l := dynlink.New(i.FS)
	reached := map[*elffile.File]bool{}
	reported := map[dynlink.Missing]bool{}
	report := func(m dynlink.Missing, k *dynlink.Linker) {
		if !reported[m] {
			reported[m] = true
			found(m.File.Path, complain(k, m.Name), "copy the library to where the linker looks, or leave the file out")
		}
	}
	files := slices.SortedFunc(maps.Values(i.ELFs), func(a, b *elffile.File) int { return strings.Compare(a.Path, b.Path) })
	want := elffile.Machines[i.Config().Architecture]
	for _, f := range files {
		if f.Interpreter == "" || f.Target() != want {
			continue
		}
		e, err := i.Tree.Resolve(f.Interpreter)
		if err != nil || i.ELF(e) == nil {
			found(f.Path, "needs the interpreter "+f.Interpreter+", which is not in the image", "copy it, or link statically")
			continue
		}
		reached[i.ELF(e)] = true
		k := l.Linker(f.Interpreter)
		missing, loaded := k.Load(f)
		maps.Copy(reached, loaded)
		for _, m := range missing {
			report(m, k)
		}
	}
	k := l.Usual()
	for _, f := range files {
		if reached[f] || f.Interpreter != "" || f.Target() != want {
			continue
		}
		missing, _ := k.Load(f)
		for _, m := range missing {
			if !l.Names[m.Name] {
				report(m, k)
			}
		}
	}
}

// complain says that a library is not found.
func complain(k *dynlink.Linker, name string) string {
	what := "needs " + name + ", which the linker does not find"
	if k.Musl && !k.Owns(name) && (name == "libc.so.6" || strings.HasPrefix(name, "ld-linux")) {
		return "is built for glibc (needs " + name + "), and the image has musl"
	}
	if k.Names[name] {
		what += ", though the image has a file of that name"
	}
	return what
}

// checkScripts looks at the first line of every executable file.
func checkScripts(i *Image, found atPath) {
	for _, e := range i.Regular {
		if e.Mode&0o111 == 0 || e.Size < 3 {
			continue
		}
		words, crlf := i.shebang(e.Path)
		if len(words) == 0 {
			continue
		}
		if crlf {
			found(e.Path, "is a script whose first line ends in CR LF: to Linux the CR is part of its last word, and nothing has that name",
				"write it with LF as the end of lines, or make it not executable")
			continue
		}
		program := words[0]
		if path.Base(program) == "env" {
			if _, err := i.Tree.Resolve(program); err != nil {
				found(e.Path, "is a script for "+program+", which is not in the image", "leave it out, or make it not executable")
				continue
			}
			rest := slices.DeleteFunc(slices.Clone(words[1:]), func(w string) bool { return strings.HasPrefix(w, "-") || strings.Contains(w, "=") })
			if len(rest) == 0 {
				continue
			}
			program = rest[0]
		}
		if _, _, err := i.LookPath(program); err != nil {
			found(e.Path, "is a script for "+program+", which is not in the image", "leave it out, or make it not executable")
		}
	}
}

// shebang is the words of a script's first line after #!, nil for anything else, and whether a carriage return belongs to
// the last of them: Linux knows only blanks, and of the programs in between only env -S takes it for one.
func (i *Image) shebang(p string) (words []string, crlf bool) {
	content, err := i.Tree.Open(p)
	if err != nil {
		return nil, false
	}
	line, err := bufio.NewReaderSize(io.LimitReader(content, 256), 256).ReadString('\n') // Linux reads 256 bytes
	if err != nil && line == "" {
		return nil, false
	}
	rest, ok := strings.CutPrefix(line, "#!")
	if !ok {
		return nil, false
	}
	words = strings.Fields(rest)
	splits := len(words) > 1 && path.Base(words[0]) == "env" && strings.HasPrefix(words[1], "-S")
	return words, strings.HasSuffix(strings.TrimSuffix(rest, "\n"), "\r") && !splits
}
