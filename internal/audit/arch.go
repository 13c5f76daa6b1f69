package audit

import (
	"debug/elf"
	"fmt"
	"maps"
	"slices"

	"example.com/stagecraft/internal/elffile"
	"example.com/stagecraft/internal/finding"
)

var arch = &rule{Rule: finding.Rule{
	Key:      "arch",
	Images:   true,
	Severity: finding.Error,
	Practice: "Every program and library is for the machine of the image's platform.",
	Why: "An amd64 program in an image for arm64 is not an error for the build. It fails with `exec format error` on the first " +
		"arm64 machine, or runs slowly where an emulator is installed.",
	Source: "https://docs.docker.com/build/building/multi-platform/",
	Fix: "Cross-compile for $TARGETARCH, and choose prebuilt files for the target, not for the build machine: npm's --cpu, uv's " +
		"--python-platform, GOARCH, --target.",
	Bad:  "FROM --platform=$BUILDPLATFORM golang:1.26 AS build\nRUN go build -o /server .   # for the builder's machine\nFROM scratch AS runtime\nCOPY --from=build /server /server\n",
	Good: "FROM --platform=$BUILDPLATFORM golang:1.26 AS build\nARG TARGETARCH\nRUN GOARCH=$TARGETARCH go build -o /server .\nFROM scratch AS runtime\nCOPY --from=build /server /server\n",
}, check: checkArch}

func checkArch(i *Image, found atPath) {
	want, known := elffile.Machines[i.Config().Architecture]
	if !known {
		return
	}
	for _, p := range slices.Sorted(maps.Keys(i.ELFs)) {
		f := i.ELFs[p]
		switch {
		case f.Damaged != nil:
			found(p, "begins as an ELF file and is not one: "+f.Damaged.Error(), "build or download it again")
		case f.Machine == elf.EM_BPF, f.Kind == elf.ET_REL: // for any kernel; for a linker: nothing runs it
		case f.Target() != want:
			found(p, fmt.Sprintf("is for %s, the image for %s", f.Target(), i.Config().Architecture), "build or download it for the target: $TARGETARCH")
		}
	}
}
