package rules

import (
	"io"
	"os"
)

// StyleFor is how a report is written to w: in colour on a terminal unless NO_COLOR is set, with annotations in a GitHub
// workflow.
func StyleFor(w io.Writer) Style {
	return Style{
		Color:  os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && isTerminal(w),
		GitHub: os.Getenv("GITHUB_ACTIONS") == "true",
	}
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
