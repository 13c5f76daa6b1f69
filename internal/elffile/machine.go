package elffile

import (
	"debug/elf"
	"fmt"
)

// Machine is what an ELF header says of the machine.
type Machine struct {
	machine elf.Machine
	class   elf.Class
	data    elf.Data
}

// Machines are those of OCI's architectures. Source: https://go.dev/doc/install/source#environment
var Machines = map[string]Machine{
	"amd64":   {elf.EM_X86_64, elf.ELFCLASS64, elf.ELFDATA2LSB},
	"arm64":   {elf.EM_AARCH64, elf.ELFCLASS64, elf.ELFDATA2LSB},
	"arm":     {elf.EM_ARM, elf.ELFCLASS32, elf.ELFDATA2LSB},
	"386":     {elf.EM_386, elf.ELFCLASS32, elf.ELFDATA2LSB},
	"ppc64le": {elf.EM_PPC64, elf.ELFCLASS64, elf.ELFDATA2LSB},
	"s390x":   {elf.EM_S390, elf.ELFCLASS64, elf.ELFDATA2MSB},
	"riscv64": {elf.EM_RISCV, elf.ELFCLASS64, elf.ELFDATA2LSB},
	"loong64": {elf.EM_LOONGARCH, elf.ELFCLASS64, elf.ELFDATA2LSB},
}

// Target is the machine that the file is for.
func (f *File) Target() Machine { return Machine{f.Machine, f.Class, f.Data} }

// String is the architecture in OCI's spelling, or else the ELF header's.
func (m Machine) String() string {
	for name, known := range Machines {
		if m == known {
			return name
		}
	}
	return fmt.Sprintf("%v, %v", m.machine, m.class)
}
