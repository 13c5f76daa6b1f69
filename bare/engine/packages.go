package engine

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

// debianPackage is a package that is needed when the probe fails.
type debianPackage struct {
	name  string
	probe []string // a command that succeeds where the package is not needed
}

// runPackages are what the engine needs to run, but for runc.
var runPackages = []debianPackage{
	{"iptables", []string{"iptables", "--version"}}, // containers' way to the network
	{"iproute2", []string{"ip", "-V"}},              // the engine's own bridge
}

// compilePackages are what compiling C, that is runc, needs.
var compilePackages = []debianPackage{
	{"gcc", []string{"gcc", "--version"}},
	{"libc6-dev", []string{"sh", "-c", "echo '#include <stdlib.h>' | gcc -E - >/dev/null 2>&1"}},
	{"pkg-config", []string{"pkg-config", "--version"}},
	{"libseccomp-dev", []string{"pkg-config", "--exists", "libseccomp"}}, // brings libseccomp2
}

// packages are what the engine needs of the system when these programs are to be compiled.
func (h Home) packages(todo []program) []debianPackage {
	needed := append(slices.Clone(runPackages), h.runcPackages(todo)...)
	if legacy() {
		needed = append(needed, debianPackage{"tini", []string{"tini-static", "--version"}}) // runs first in containers that ask for it
	}
	return needed
}

// runcPackages are what runc needs: to be compiled, if it is to be, or else to
// run where it was not compiled, as in a container with the programs of another.
func (h Home) runcPackages(todo []program) []debianPackage {
	if slices.ContainsFunc(todo, func(p program) bool { return p.cgo }) {
		return compilePackages
	}
	return []debianPackage{{"libseccomp2", []string{filepath.Join(h.bin(), "runc"), "--version"}}}
}

// emulator runs programs of the other processor, for tests of foreign images.
// Builds never need it.
type emulator struct {
	platform string
	program  string // of Debian's qemu-user-static
	magic    string // the head of an ELF executable for the platform
	mask     string
}

// ELF heads: class, byte order, type (executable or shared) and machine are
// compared, the rest is masked out.
const elfMask = `\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff`

var emulators = map[string]emulator{ // by the platform of this machine
	"amd64": {"arm64", "qemu-aarch64-static", elfMagic(`\xb7\x00`), elfMask},
	"arm64": {"amd64", "qemu-x86_64-static", elfMagic(`\x3e\x00`), elfMask},
}

func elfMagic(machine string) string {
	return `\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00` + machine
}

// foreign returns the emulator that this machine wants, if we know one.
func foreign() (emulator, bool) {
	e, ok := emulators[runtime.GOARCH]
	return e, ok
}

var (
	binfmtFlags = regexp.MustCompile(`(?m)^flags: \S*F`)
	binfmtMagic = regexp.MustCompile(`(?m)^magic (\S+)$`)
)

// servedBy reports whether an entry, as the kernel shows it, is enabled, was
// opened beforehand and matches the platform's executables.
func (e emulator) servedBy(entry string) bool {
	magic := binfmtMagic.FindStringSubmatch(entry)
	return strings.HasPrefix(entry, "enabled\n") && binfmtFlags.MatchString(entry) &&
		magic != nil && magic[1] == e.hexMagic()
}

// hexMagic is the magic as the kernel shows it.
func (e emulator) hexMagic() string {
	return strings.ReplaceAll(strings.Replace(e.magic, "ELF", `\x45\x4c\x46`, 1), `\x`, "")
}

// missingPackages lists what the probes do not find.
func missingPackages(needed []debianPackage) []string {
	var names []string
	for _, p := range needed {
		if exec.Command(p.probe[0], p.probe[1:]...).Run() != nil {
			names = append(names, p.name)
		}
	}
	return names
}
