package engine

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// As Linux shows the entry that Debian's qemu-user-static registers.
const binfmtEntry = `enabled
interpreter /usr/libexec/qemu-binfmt/aarch64-binfmt-P
flags: PF
offset 0
magic 7f454c460201010000000000000000000200b700
mask ffffffffffffff00fffffffffffffffffeffffff
`

func TestServedBy(t *testing.T) {
	arm := emulators["amd64"]
	for name, c := range map[string]struct {
		entry string
		want  bool
	}{
		"Debian's":                    {binfmtEntry, true},
		"switched off":                {strings.Replace(binfmtEntry, "enabled", "disabled", 1), false},
		"not opened beforehand":       {strings.Replace(binfmtEntry, "PF", "P", 1), false},
		"of another processor":        {strings.Replace(binfmtEntry, "b700", "3e00", 1), false},
		"no entry but binfmt's state": {"enabled\n", false},
	} {
		if got := arm.servedBy(c.entry); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	if !emulators["arm64"].servedBy(strings.Replace(binfmtEntry, "b700", "3e00", 1)) {
		t.Error("an arm64 machine does not see its emulator for amd64")
	}
}

func TestMagicAndMaskHaveOneLength(t *testing.T) {
	for platform, e := range emulators {
		if magic, mask := len(e.hexMagic()), strings.Count(e.mask, `\x`)*2; magic != mask {
			t.Errorf("on %s: magic of %d digits, mask of %d", platform, magic, mask)
		}
	}
}

func TestMissingPackages(t *testing.T) {
	got := missingPackages([]debianPackage{
		{"there", []string{"go", "version"}},
		{"fails", []string{"go", "no-such-command"}},
		{"absent", []string{"no-such-program-at-all"}},
	})
	if !slices.Equal(got, []string{"fails", "absent"}) {
		t.Errorf("missing %q, want the two whose probes fail", got)
	}
}

// A compiler is for who compiles C. A runc that was compiled elsewhere wants
// its library.
func TestPackages(t *testing.T) {
	named := func(name string) program {
		return programs[slices.IndexFunc(programs, func(p program) bool { return p.name == name })]
	}
	for _, c := range []struct {
		name              string
		todo              []program
		compiler, library bool
	}{
		{"nothing to compile", nil, false, true},
		{"all", programs, true, false},
		{"runc", []program{named("runc")}, true, false},
		{"Go alone", []program{named("buildx")}, false, true},
	} {
		var names []string
		for _, p := range Home(t.TempDir()).packages(c.todo) {
			names = append(names, p.name)
		}
		if !slices.Contains(names, "iptables") || slices.Contains(names, "gcc") != c.compiler || slices.Contains(names, "libseccomp-dev") != c.compiler || slices.Contains(names, "libseccomp2") != c.library {
			t.Errorf("%s: asks for %v", c.name, names)
		}
	}
}

func TestRuncTellsOfItsLibrary(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("runc is a script here")
	}
	t.Setenv(programsSetting, "")
	h := Home(t.TempDir())
	if err := os.MkdirAll(h.bin(), 0o755); err != nil {
		t.Fatal(err)
	}
	for script, want := range map[string]string{
		`[ "$1" = --version ]`: "",
		"echo error while loading shared libraries: libseccomp.so.2; exit 127": "libseccomp2",
	} {
		if err := os.WriteFile(filepath.Join(h.bin(), "runc"), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(missingPackages(h.runcPackages(nil)), " "); got != want {
			t.Errorf("runc is `%s`: missing %q, want %q", script, got, want)
		}
	}
}
