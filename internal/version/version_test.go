package version

import (
	"fmt"
	"os"
	"regexp"
	"testing"
)

// released is the heading of a release: https://keepachangelog.com/en/1.1.0/
var released = regexp.MustCompile(`(?m)^## \[(\d+\.\d+\.\d+)\] - \d{4}-\d{2}-\d{2}$`)

// check is an error when the newest release of a changelog is not version.
func check(changelog, version string) error {
	newest := released.FindStringSubmatch(changelog)
	if newest == nil {
		return fmt.Errorf("CHANGELOG.md has no heading such as ## [%s] - 2026-01-31", version)
	}
	if newest[1] != version {
		return fmt.Errorf("the newest release in CHANGELOG.md is %s, and internal/version/version.go says %s; make them the same", newest[1], version)
	}
	return nil
}

func TestChangelog(t *testing.T) {
	text, err := os.ReadFile("../../CHANGELOG.md")
	if err != nil {
		t.Fatal(err)
	}
	if err := check(string(text), Version); err != nil {
		t.Error(err)
	}
}

func TestCheck(t *testing.T) {
	for changelog, good := range map[string]bool{
		"# Changelog\n\n## [Unreleased]\n\n## [1.2.0] - 2026-02-01\n\n## [1.1.0] - 2026-01-01\n": true,

		"## [1.3.0] - 2026-03-01\n\n## [1.2.0] - 2026-02-01\n": false,

		"## [1.1.0] - 2026-03-01\n": false,
		"## [1.2.0]\n":              false, // without a date
		"## [Unreleased]\n":         false,
	} {
		if err := check(changelog, "1.2.0"); (err == nil) != good {
			t.Errorf("%q: %v", changelog, err)
		}
	}
}
