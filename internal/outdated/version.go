package outdated

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"
)

// release is a version that is no pre-release: numbers, perhaps with what post-releases and builds add.
var release = regexp.MustCompile(`^v?[0-9]+(\.[0-9]+)*(\.post[0-9]+)?(\+[0-9A-Za-z.-]+)?$`)

var numbers = regexp.MustCompile(`[0-9]+`)

// compareNumbers compares versions by their numbers, as semantic and Python versions without pre-releases are compared. A
// pre-release or pseudo-version (1.0.0-rc.1) is older than what it leads to.
func compareNumbers(has, latest string) Kind {
	before, beforeRest := split(has)
	after, afterRest := split(latest)
	for n := range max(len(before), len(after)) {
		switch cmp.Compare(at(before, n), at(after, n)) {
		case -1:
			return [...]Kind{Major, Minor, Patch}[min(n, 2)]
		case 1:
			return ""
		}
	}
	// Of two pre-releases, the registry knows which is the newer.
	if beforeRest != afterRest && strings.HasPrefix(beforeRest, "-") {
		return Patch
	}
	return ""
}

// split is the numbers of a version, and what is behind them.
func split(version string) (parts []string, rest string) {
	version = strings.TrimPrefix(strings.TrimPrefix(version, "v"), "go")
	version, _, _ = strings.Cut(strings.Replace(version, ".post", ".", 1), "+")
	end := strings.IndexFunc(version, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
	if end >= 0 {
		version, rest = version[:end], version[end:]
	}
	return numbers.FindAllString(version, -1), rest
}

func at(parts []string, n int) int {
	if n >= len(parts) {
		return 0
	}
	number, _ := strconv.Atoi(parts[n])
	return number
}
