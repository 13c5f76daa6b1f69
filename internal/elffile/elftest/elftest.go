// Package elftest makes ELF files for tests.
package elftest

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"testing"
)

// File is an ELF file to make: one that linkers and debug/elf can read, though there is no code in it.
type File struct {
	Machine     elf.Machine // x86-64 when 0
	Kind        elf.Type    // a shared object when 0
	Interpreter string
	Soname      string
	Needed      []string
	Rpath       string
	Runpath     string
	Note        string // JSON of a package note
	Module      string // of a Go program's build information
	Pad         int    // bytes to add
	Text        string // at the end of them
	Stripped    bool   // without section headers
	Misplaced   bool   // its section headers are said to be behind its end
}

// Bytes lays out: header, program headers, the contents of the sections, section headers.
func (f File) Bytes(t *testing.T) []byte {
	t.Helper()
	if f.Machine == 0 {
		f.Machine = elf.EM_X86_64
	}
	if f.Kind == 0 {
		f.Kind = elf.ET_DYN
	}
	const headerSize, progSize, sectionSize = 64, 56, 64
	type section struct {
		name    string
		kind    elf.SectionType
		link    uint32
		content []byte
		offset  uint64
	}
	strings := []byte{0}
	addString := func(s string) uint64 {
		at := len(strings)
		strings = append(append(strings, s...), 0)
		return uint64(at)
	}
	var dynamic []byte
	tag := func(kind elf.DynTag, value uint64) {
		dynamic = binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(dynamic, uint64(kind)), value)
	}
	for _, name := range f.Needed {
		tag(elf.DT_NEEDED, addString(name))
	}
	if f.Soname != "" {
		tag(elf.DT_SONAME, addString(f.Soname))
	}
	if f.Rpath != "" {
		tag(elf.DT_RPATH, addString(f.Rpath))
	}
	if f.Runpath != "" {
		tag(elf.DT_RUNPATH, addString(f.Runpath))
	}
	tableAt := len(dynamic) + 8
	tag(elf.DT_STRTAB, 0) // known below
	tag(elf.DT_STRSZ, uint64(len(strings)))
	tag(elf.DT_NULL, 0)

	sections := []*section{{}, {name: ".dynstr", kind: elf.SHT_STRTAB, content: strings}, {name: ".dynamic", kind: elf.SHT_DYNAMIC, link: 1, content: dynamic}}
	if f.Interpreter != "" {
		sections = append(sections, &section{name: ".interp", kind: elf.SHT_PROGBITS, content: append([]byte(f.Interpreter), 0)})
	}
	if f.Note != "" {
		body := append([]byte(f.Note), 0)
		note := binary.LittleEndian.AppendUint32(nil, 4)
		note = binary.LittleEndian.AppendUint32(note, uint32(len(body)))
		note = binary.LittleEndian.AppendUint32(note, 0xcafe1a7e)
		note = append(append(note, "FDO\x00"...), body...)
		sections = append(sections, &section{name: ".note.package", kind: elf.SHT_NOTE, content: note})
	}
	if f.Module != "" {
		sections = append(sections, &section{name: ".go.buildinfo", kind: elf.SHT_PROGBITS, content: buildInfo(f.Module)})
	}
	if f.Pad > 0 {
		sections = append(sections, &section{name: ".text", kind: elf.SHT_PROGBITS, content: append(make([]byte, f.Pad), f.Text...)})
	}
	names := []byte{0}
	sections = append(sections, &section{name: ".shstrtab", kind: elf.SHT_STRTAB})
	var nameAt []uint32
	for _, s := range sections {
		nameAt = append(nameAt, uint32(len(names)))
		names = append(append(names, s.name...), 0)
	}
	sections[len(sections)-1].content = names

	progs := 4 // LOAD, DYNAMIC, INTERP, NOTE; what is not there is NULL
	offset := uint64(headerSize + progs*progSize)
	for _, s := range sections[1:] {
		offset = (offset + 15) &^ 15
		s.offset = offset
		offset += uint64(len(s.content))
	}
	binary.LittleEndian.PutUint64(dynamic[tableAt:], sections[1].offset)
	table := (offset + 15) &^ 15
	find := func(name string) *section {
		for _, s := range sections {
			if s.name == name {
				return s
			}
		}
		return &section{}
	}

	var out bytes.Buffer
	put := func(v any) {
		if err := binary.Write(&out, binary.LittleEndian, v); err != nil {
			t.Fatal(err)
		}
	}
	header := elf.Header64{
		Type: uint16(f.Kind), Machine: uint16(f.Machine), Version: 1, Phoff: headerSize, Shoff: table,
		Ehsize: headerSize, Phentsize: progSize, Phnum: uint16(progs), Shentsize: sectionSize,
		Shnum: uint16(len(sections)), Shstrndx: uint16(len(sections) - 1),
	}
	if f.Stripped {
		header.Shoff, header.Shnum, header.Shstrndx = 0, 0, 0
	}
	if f.Misplaced {
		header.Shoff += 1 << 20
	}
	copy(header.Ident[:], elf.ELFMAG)
	header.Ident[elf.EI_CLASS], header.Ident[elf.EI_DATA], header.Ident[elf.EI_VERSION] = byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), 1
	put(header)
	prog := func(kind elf.ProgType, s *section) {
		if s.offset == 0 {
			put(elf.Prog64{})
			return
		}
		n := uint64(len(s.content))
		put(elf.Prog64{Type: uint32(kind), Off: s.offset, Vaddr: s.offset, Filesz: n, Memsz: n, Align: 16})
	}
	put(elf.Prog64{Type: uint32(elf.PT_LOAD), Flags: uint32(elf.PF_R | elf.PF_W), Filesz: table, Memsz: table, Align: 16})
	prog(elf.PT_DYNAMIC, find(".dynamic"))
	prog(elf.PT_INTERP, find(".interp"))
	prog(elf.PT_NOTE, find(".note.package"))
	for _, s := range sections[1:] {
		out.Write(make([]byte, s.offset-uint64(out.Len())))
		out.Write(s.content)
	}
	out.Write(make([]byte, table-uint64(out.Len())))
	for n, s := range sections {
		put(elf.Section64{Name: nameAt[n], Type: uint32(s.kind), Addr: s.offset, Off: s.offset, Size: uint64(len(s.content)), Link: s.link, Addralign: 16})
	}
	return out.Bytes()
}

// buildInfo is the section that debug/buildinfo reads, in the form that Go writes since 1.18.
func buildInfo(module string) []byte {
	frame := string(make([]byte, 16))
	text := frame + "path\t" + module + "\nmod\t" + module + "\tv1.2.3\t\n" +
		"dep\texample.com/dep\tv1.1.0\th1:x\ndep\texample.com/old\tv1.0.0\n=>\texample.com/fork\tv1.0.1\th1:y\n" + frame
	section := append([]byte("\xff Go buildinf:\x08\x02"), make([]byte, 16)...)
	for _, s := range []string{"go1.26.8", text} {
		section = append(binary.AppendUvarint(section, uint64(len(s))), s...)
	}
	return section
}
