package outdated

import (
	"cmp"
	"strings"
)

// debianOrder compares two versions of a Debian package as dpkg does: epoch, upstream version, revision.
// Source: https://manpages.debian.org/trixie/dpkg-dev/deb-version.7.en.html
func debianOrder(a, b string) int {
	aEpoch, a := epoch(a)
	bEpoch, b := epoch(b)
	aUpstream, aRevision := revision(a)
	bUpstream, bRevision := revision(b)
	return cmp.Or(compareParts(aEpoch, bEpoch), compareParts(aUpstream, bUpstream), compareParts(aRevision, bRevision))
}

func epoch(version string) (string, string) {
	if number, rest, ok := strings.Cut(version, ":"); ok {
		return number, rest
	}
	return "0", version
}

func revision(version string) (string, string) {
	if at := strings.LastIndex(version, "-"); at >= 0 {
		return version[:at], version[at+1:]
	}
	return version, "0"
}

// compareParts compares what is no number and numbers in turn.
func compareParts(a, b string) int {
	for a != "" || b != "" {
		var aText, bText, aNumber, bNumber string
		aText, a = prefix(a, false)
		bText, b = prefix(b, false)
		if order := compareText(aText, bText); order != 0 {
			return order
		}
		aNumber, a = prefix(a, true)
		bNumber, b = prefix(b, true)
		aNumber, bNumber = strings.TrimLeft(aNumber, "0"), strings.TrimLeft(bNumber, "0")
		if order := cmp.Or(cmp.Compare(len(aNumber), len(bNumber)), cmp.Compare(aNumber, bNumber)); order != 0 {
			return order
		}
	}
	return 0
}

// prefix is the longest beginning of digits, or of anything else, and what follows.
func prefix(s string, digits bool) (string, string) {
	end := strings.IndexFunc(s, func(r rune) bool { return (r >= '0' && r <= '9') != digits })
	if end < 0 {
		end = len(s)
	}
	return s[:end], s[end:]
}

// compareText: a tilde is before everything, even the end; letters are before all else.
func compareText(a, b string) int {
	for n := range max(len(a), len(b)) {
		if order := cmp.Compare(weight(a, n), weight(b, n)); order != 0 {
			return order
		}
	}
	return 0
}

func weight(s string, n int) int {
	switch {
	case n >= len(s):
		return 0
	case s[n] == '~':
		return -1
	case s[n] >= 'a' && s[n] <= 'z', s[n] >= 'A' && s[n] <= 'Z':
		return int(s[n])
	default:
		return int(s[n]) + 256
	}
}
