// Package elffile reads of an ELF file what decides whether it can be loaded, and where it came from.
package elffile

import (
	"bytes"
	"debug/buildinfo"
	"debug/elf"
	"encoding/json"
	"io"
	"strings"
)

// File is what the rules ask of an ELF file.
type File struct {
	Path    string
	Damaged error // set when it begins as an ELF file and is not one

	Machine elf.Machine
	Class   elf.Class
	Data    elf.Data
	Kind    elf.Type

	Interpreter            string
	Soname                 string
	Needed, Rpath, Runpath []string

	Build *buildinfo.BuildInfo // of a Go program
	Note  *packageNote
}

// packageNote is what a linker writes with --package-metadata.
// Source: https://uapi-group.org/specifications/specs/package_metadata_for_executable_files/
type packageNote struct {
	Type, Name, Version string
}

// Read reads the parts of an ELF file that matter for loading it; nil when it is not an ELF file.
func Read(path string, content *io.SectionReader) *File {
	var magic [4]byte
	if _, err := content.ReadAt(magic[:], 0); err != nil || string(magic[:]) != elf.ELFMAG {
		return nil
	}
	out := &File{Path: path}
	var data io.ReaderAt = content
	f, err := elf.NewFile(data)
	if err != nil {
		data = withoutSections(content)
		if loadable, again := elf.NewFile(data); again == nil && whole(loadable, content.Size()) {
			f, err = loadable, nil
		}
	}
	if err != nil {
		out.Damaged = err
		return out
	}
	out.Machine, out.Class, out.Data, out.Kind = f.Machine, f.Class, f.Data, f.Type
	for _, p := range f.Progs {
		switch p.Type {
		case elf.PT_INTERP:
			if text, err := io.ReadAll(io.LimitReader(p.Open(), 4096)); err == nil {
				out.Interpreter = strings.TrimRight(string(text), "\x00")
			}
		case elf.PT_NOTE:
			if note, err := io.ReadAll(io.LimitReader(p.Open(), 64<<10)); err == nil && out.Note == nil {
				out.Note = findPackageNote(note, f)
			}
		}
	}
	dynamic := readDynamic(f)
	out.Needed = dynamic[elf.DT_NEEDED]
	out.Rpath = pathList(dynamic[elf.DT_RPATH])
	out.Runpath = pathList(dynamic[elf.DT_RUNPATH])
	if names := dynamic[elf.DT_SONAME]; len(names) > 0 {
		out.Soname = names[0]
	}
	if len(f.Sections) == 0 || f.Section(".go.buildinfo") != nil {
		out.Build, _ = buildinfo.Read(data)
	}
	return out
}

func pathList(values []string) []string {
	var all []string
	for _, v := range values {
		all = append(all, strings.FieldsFunc(v, func(r rune) bool { return r == ':' })...)
	}
	return all
}

// findPackageNote looks for the note FDO of type 0xcafe1a7e among notes.
func findPackageNote(notes []byte, f *elf.File) *packageNote {
	for len(notes) >= 12 {
		nameSize, size := int(f.ByteOrder.Uint32(notes)), int(f.ByteOrder.Uint32(notes[4:]))
		kind := f.ByteOrder.Uint32(notes[8:])
		notes = notes[12:]
		align := func(n int) int { return (n + 3) &^ 3 }
		if nameSize < 0 || size < 0 || nameSize > len(notes) || align(nameSize)+size > len(notes) {
			return nil
		}
		name := bytes.TrimRight(notes[:nameSize], "\x00")
		body := notes[align(nameSize) : align(nameSize)+size]
		if string(name) == "FDO" && kind == 0xcafe1a7e {
			var note packageNote
			if json.Unmarshal(bytes.TrimRight(body, "\x00"), &note) == nil && note.Name != "" {
				return &note
			}
		}
		notes = notes[min(len(notes), align(nameSize)+align(size)):]
	}
	return nil
}
