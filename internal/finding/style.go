package finding

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// Format is a way to write a report.
type Format string

// The formats. GitHub is Text, and a workflow annotation for each finding.
const (
	Text   Format = "text"
	JSON   Format = "json"
	SARIF  Format = "sarif"
	GitHub Format = "github"
)

// Formats are all of them.
var Formats = []Format{Text, JSON, SARIF, GitHub}

// Style is how a report is written.
type Style struct {
	Format Format
	Color  bool // with ANSI colours
}

// StyleFor is how a report is written to w: in a GitHub workflow with annotations unless a format is named, and in colour on
// a terminal unless NO_COLOR is set. A format that does not exist is an error; "" names none.
func StyleFor(w io.Writer, format Format) (Style, error) {
	if format == "" {
		format = Text
		if os.Getenv("GITHUB_ACTIONS") == "true" {
			format = GitHub
		}
	}
	if !slices.Contains(Formats, format) {
		return Style{}, fmt.Errorf("there is no format %s; choose one of %s", format, strings.Trim(fmt.Sprint(Formats), "[]"))
	}
	return Style{Format: format, Color: os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && isTerminal(w)}, nil
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
