package engine

import (
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
	saved := debianPackages
	defer func() { debianPackages = saved }()
	debianPackages = []debianPackage{
		{"there", []string{"go", "version"}, ""},
		{"fails", []string{"go", "no-such-command"}, ""},
		{"absent", []string{"no-such-program-at-all"}, ""},
	}
	if got := strings.Join(missingPackages(), " "); got != "fails absent" {
		t.Errorf("missing %q, want the two whose probes fail", got)
	}
}
