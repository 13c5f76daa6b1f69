package elffile

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"io"
	"testing"
)

// A program of 32 bits, big-endian, whose section headers are wrong.
func TestReadDynamicOf32Bits(t *testing.T) {
	t.Parallel()
	const headers, at = 52 + 2*32, 0x1000
	strings := "\x00libx.so\x00"
	var dynamic []byte
	for _, word := range []uint32{uint32(elf.DT_NEEDED), 1, uint32(elf.DT_STRTAB), at, uint32(elf.DT_STRSZ), uint32(len(strings)), uint32(elf.DT_NULL), 0} {
		dynamic = binary.BigEndian.AppendUint32(dynamic, word)
	}
	header := elf.Header32{
		Type: uint16(elf.ET_DYN), Machine: uint16(elf.EM_PPC), Version: 1, Phoff: 52, Shoff: 1 << 20, Ehsize: 52, Phentsize: 32, Phnum: 2,
		Shentsize: 40, Shnum: 5, Shstrndx: 4,
	}
	copy(header.Ident[:], elf.ELFMAG)
	header.Ident[elf.EI_CLASS], header.Ident[elf.EI_DATA], header.Ident[elf.EI_VERSION] = byte(elf.ELFCLASS32), byte(elf.ELFDATA2MSB), 1
	var out bytes.Buffer
	for _, part := range []any{
		header,
		elf.Prog32{Type: uint32(elf.PT_LOAD), Off: headers, Vaddr: at, Filesz: uint32(len(strings)), Memsz: uint32(len(strings))},
		elf.Prog32{Type: uint32(elf.PT_DYNAMIC), Off: headers + uint32(len(strings)), Filesz: uint32(len(dynamic))},
		[]byte(strings), dynamic,
	} {
		if err := binary.Write(&out, binary.BigEndian, part); err != nil {
			t.Fatal(err)
		}
	}
	f := Read("/x", io.NewSectionReader(bytes.NewReader(out.Bytes()), 0, int64(out.Len())))
	if f == nil || f.Damaged != nil || len(f.Needed) != 1 || f.Needed[0] != "libx.so" {
		t.Errorf("read %+v, want it to need libx.so", f)
	}
	if f := Read("/x", io.NewSectionReader(bytes.NewReader(out.Bytes()[:headers]), 0, headers)); f.Damaged == nil {
		t.Error("a program without its segments is whole")
	}
}
