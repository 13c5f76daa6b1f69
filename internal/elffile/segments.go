package elffile

import (
	"debug/elf"
	"encoding/binary"
	"io"
	"strings"
)

// The kernel and the dynamic linker read program headers alone. Section headers may be stripped or wrong; debug/elf finds the
// dynamic section by them, and refuses a file in which they are wrong.
// Source: https://refspecs.linuxfoundation.org/elf/gabi4+/ch5.dynamic.html

// readDynamic is the texts of the dynamic segment by their tags; nothing for a static program.
func readDynamic(f *elf.File) map[elf.DynTag][]string {
	type entry struct {
		tag   elf.DynTag
		value uint64
	}
	var entries []entry
	table := map[elf.DynTag]uint64{}
	for data := segment(f, elf.PT_DYNAMIC); ; {
		var e entry
		var ok bool
		if e.tag, e.value, data, ok = nextDynamic(f, data); !ok || e.tag == elf.DT_NULL {
			break
		}
		entries = append(entries, e)
		table[e.tag] = e.value
	}
	texts := loaded(f, table[elf.DT_STRTAB], table[elf.DT_STRSZ])
	all := map[elf.DynTag][]string{}
	for _, e := range entries {
		switch e.tag {
		case elf.DT_NEEDED, elf.DT_SONAME, elf.DT_RPATH, elf.DT_RUNPATH:
			if e.value < uint64(len(texts)) {
				text, _, _ := strings.Cut(texts[e.value:], "\x00")
				all[e.tag] = append(all[e.tag], text)
			}
		}
	}
	return all
}

// nextDynamic takes one entry off a dynamic segment.
func nextDynamic(f *elf.File, data []byte) (tag elf.DynTag, value uint64, rest []byte, ok bool) {
	if f.Class == elf.ELFCLASS32 {
		if len(data) < 8 {
			return 0, 0, nil, false
		}
		return elf.DynTag(int32(f.ByteOrder.Uint32(data))), uint64(f.ByteOrder.Uint32(data[4:])), data[8:], true
	}
	if len(data) < 16 {
		return 0, 0, nil, false
	}
	return elf.DynTag(int64(f.ByteOrder.Uint64(data))), f.ByteOrder.Uint64(data[8:]), data[16:], true
}

// maxSegment is far above what a dynamic segment or its table of texts has.
const maxSegment = 64 << 20

// segment is the content of the first segment of a kind.
func segment(f *elf.File, kind elf.ProgType) []byte {
	for _, p := range f.Progs {
		if p.Type == kind {
			data, err := io.ReadAll(io.LimitReader(p.Open(), maxSegment))
			if err != nil {
				return nil
			}
			return data
		}
	}
	return nil
}

// loaded is size bytes of memory at an address, once the segments are loaded.
func loaded(f *elf.File, address, size uint64) string {
	for _, p := range f.Progs {
		if p.Type == elf.PT_LOAD && address >= p.Vaddr && address-p.Vaddr < p.Filesz {
			size = min(size, p.Filesz-(address-p.Vaddr), maxSegment)
			data, err := io.ReadAll(io.NewSectionReader(p, int64(address-p.Vaddr), int64(size)))
			if err != nil {
				return ""
			}
			return string(data)
		}
	}
	return ""
}

// whole reports whether all segments that are loaded are inside the file.
func whole(f *elf.File, size int64) bool {
	for _, p := range f.Progs {
		if p.Type == elf.PT_LOAD && (p.Off > uint64(size) || p.Filesz > uint64(size)-p.Off) {
			return false
		}
	}
	return len(f.Progs) > 0
}

// withoutSections is an ELF file whose header names no section headers.
func withoutSections(file io.ReaderAt) io.ReaderAt {
	header := make([]byte, binary.Size(elf.Header64{}))
	n, _ := file.ReadAt(header, 0)
	header = header[:n]
	blank := func(from, to int) {
		if to <= n {
			clear(header[from:to])
		}
	}
	if n > elf.EI_CLASS && elf.Class(header[elf.EI_CLASS]) == elf.ELFCLASS32 {
		blank(0x20, 0x24) // e_shoff
		blank(0x30, 0x34) // e_shnum, e_shstrndx
	} else {
		blank(0x28, 0x30)
		blank(0x3c, 0x40)
	}
	return patched{file, header}
}

// patched is a file that begins otherwise.
type patched struct {
	io.ReaderAt

	start []byte
}

func (f patched) ReadAt(p []byte, off int64) (int, error) {
	n, err := f.ReaderAt.ReadAt(p, off)
	if off < int64(len(f.start)) {
		copy(p[:n], f.start[off:])
	}
	return n, err
}
