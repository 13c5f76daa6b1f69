package rules

import (
	"debug/elf"
	"fmt"
	"maps"
	"slices"
)

var arch = &Rule{
	Key:      "arch",
	Severity: Error,
	Practice: "Every program and library is for the machine of the image's platform.",
	Why: "A tag for arm64 that holds an amd64 program is built without any complaint; it ends in `exec format error` on the first arm64 " +
		"machine, or runs emulated and slow where an emulator is installed.",
	Source: "https://docs.docker.com/build/building/multi-platform/",
	Fix: "Cross-compile for $TARGETARCH; take prebuilt files for the target, not for the machine that builds: npm's --cpu, uv's --python-platform, GOARCH, " +
		"--target.",
	Bad:        "FROM --platform=$BUILDPLATFORM golang:1.26 AS build\nRUN go build -o /server .   # for the builder's machine\nFROM scratch AS runtime\nCOPY --from=build /server /server\n",
	Good:       "FROM --platform=$BUILDPLATFORM golang:1.26 AS build\nARG TARGETARCH\nRUN GOARCH=$TARGETARCH go build -o /server .\nFROM scratch AS runtime\nCOPY --from=build /server /server\n",
	checkImage: checkArch,
}

// machine is what an ELF header says of the machine.
type machine struct {
	machine elf.Machine
	class   elf.Class
	data    elf.Data
}

// machines are those of OCI's architectures. Source: https://go.dev/doc/install/source#environment
var machines = map[string]machine{
	"amd64":   {elf.EM_X86_64, elf.ELFCLASS64, elf.ELFDATA2LSB},
	"arm64":   {elf.EM_AARCH64, elf.ELFCLASS64, elf.ELFDATA2LSB},
	"arm":     {elf.EM_ARM, elf.ELFCLASS32, elf.ELFDATA2LSB},
	"386":     {elf.EM_386, elf.ELFCLASS32, elf.ELFDATA2LSB},
	"ppc64le": {elf.EM_PPC64, elf.ELFCLASS64, elf.ELFDATA2LSB},
	"s390x":   {elf.EM_S390, elf.ELFCLASS64, elf.ELFDATA2MSB},
	"riscv64": {elf.EM_RISCV, elf.ELFCLASS64, elf.ELFDATA2LSB},
	"loong64": {elf.EM_LOONGARCH, elf.ELFCLASS64, elf.ELFDATA2LSB},
}

func checkArch(i *Image, found atPath) {
	want, known := machines[i.Config().Architecture]
	if !known {
		return
	}
	for _, p := range slices.Sorted(maps.Keys(i.elves)) {
		f := i.elves[p]
		switch {
		case f.damaged != nil:
			found(p, "begins as an ELF file and is not one: "+f.damaged.Error(), "build or download it again")
		case f.machine == elf.EM_BPF, f.kind == elf.ET_REL: // for any kernel; for a linker: nothing runs it
		case f.of() != want:
			found(p, fmt.Sprintf("is for %s, the image for %s", f.of(), i.Config().Architecture), "build or download it for the target: $TARGETARCH")
		}
	}
}

func (f *elfFile) of() machine { return machine{f.machine, f.class, f.data} }

// String is the architecture in OCI's spelling, or else the ELF header's.
func (m machine) String() string {
	for name, known := range machines {
		if m == known {
			return name
		}
	}
	return fmt.Sprintf("%v, %v", m.machine, m.class)
}
