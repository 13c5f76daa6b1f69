package audit

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/image"
	"example.com/stagecraft/internal/rootfs"
)

// checkStart looks at what the engine starts.
func checkStart(i *Image, found atPath) {
	words := i.Command()
	if len(words) == 0 {
		if i.Service != nil {
			found("", "starts nothing: it has neither ENTRYPOINT nor CMD", "write ENTRYPOINT [\"/PROGRAM\"]")
		}
		return
	}
	checkProgram(i, "ENTRYPOINT", words, found)
	if h := i.RunConfig().Healthcheck; h != nil && len(h.Test) > 1 && h.Test[0] == "CMD" {
		checkProgram(i, "HEALTHCHECK", h.Test[1:], found)
	}
	if i.Service == nil {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(i.Service.Commands)) {
		if words := i.Service.Commands[name]; len(words) > 0 {
			checkProgram(i, "commands."+name, words, found)
		}
	}
}

// Starts is an error unless the image of a service has all that it is started with, by ENTRYPOINT, HEALTHCHECK and the
// service's commands, and its user may execute it. The error lists every program that is missing.
func Starts(s catalog.Service, img image.Image) error {
	root, err := rootfs.Read(img)
	if err != nil {
		return fmt.Errorf("look for the programs of %s for %s: %w", s.Name, img.Platform(), err)
	}
	var missing []string
	checkStart(&Image{FS: root, Name: s.Name, Service: &s}, func(path, what, fix string, _ ...string) {
		missing = append(missing, strings.TrimSpace(path+" "+what)+"; "+fix)
	})
	if len(missing) == 0 {
		return nil
	}
	return fmt.Errorf("the image of %s for %s cannot start: %s", s.Name, img.Platform(), strings.Join(missing, "; "))
}

// checkProgram looks at the program of a command, at its interpreter, and at the files in its arguments.
func checkProgram(i *Image, name string, words []string, found atPath) {
	p, e, err := i.LookPath(words[0])
	switch {
	case err != nil:
		found("", fmt.Sprintf("%s starts %s, which is not in the image", name, words[0]), "copy it, or correct "+name)
		return
	case !e.Mode.IsRegular():
		found(e.Path, name+" starts it, and it is not a file", "correct "+name)
		return
	}
	if !i.checkAccess(name+" starts it", "execute", p, e, found) {
		return
	}
	interpreter := ""
	if script, _ := i.shebang(e.Path); len(script) > 0 { // the kernel starts the interpreter, which reads the script
		if interpreter = script[0]; !i.checkAccess(name+" starts it", "read", p, e, found) {
			return
		}
	} else if f := i.ELF(e); f != nil {
		interpreter = f.Interpreter
	}
	if e, err := i.Tree.Resolve(interpreter); interpreter != "" && err == nil { // a missing one is reported by checkLibraries or checkScripts
		i.checkAccess(fmt.Sprintf("%s starts it, as the interpreter of %s", name, p), "execute", interpreter, e, found)
	}
	for _, word := range words[1:] {
		if e, err := i.Tree.Resolve(word); path.IsAbs(word) && err == nil && e.Mode.IsRegular() {
			i.checkAccess(name+" names it", "read", word, e, found)
		}
	}
}

// checkAccess reports whether the image's user reaches a file by a path and may execute or read it; otherwise there is a finding.
func (i *Image) checkAccess(why, right, p string, e image.Entry, found atPath) bool {
	user := i.identity()
	for _, folder := range i.Tree.Folders(p) {
		if !user.maySearch(folder) {
			found(folder.Path, fmt.Sprintf("leads to %s, and the image's user may not search this folder: its mode is %v", p, folder.Mode), "chmod a+x it in the builder")
			return false
		}
	}
	if right == "execute" && user.mayExecute(e) || right == "read" && user.mayRead(e) {
		return true
	}
	found(e.Path, fmt.Sprintf("%s, and the image's user may not %s it: its mode is %v", why, right, e.Mode), "COPY --chmod=0755")
	return false
}
