package bench

import (
	"fmt"
	"strings"
)

// Page is where measured tables are kept, each in a part of its own.
const Page = "docs/benchmarks.md"

// Replace is a page with the part of that name replaced. A part stands between two lines, so that people may write around
// it:
//
//	<!-- services: `go tool mage bench:services -write` writes this -->
//	<!-- /services -->
func Replace(page, part, body string) (string, error) {
	begin, end := "<!-- "+part+": `go tool mage bench:"+part+" -write` writes this -->\n", "<!-- /"+part+" -->"
	before, rest, ok := strings.Cut(page, begin)
	_, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		return "", fmt.Errorf("find the part %s of %s: put the lines %q and %q where it belongs", part, Page, strings.TrimSpace(begin), end)
	}
	return before + begin + strings.TrimRight(body, "\n") + "\n" + end + after, nil
}
