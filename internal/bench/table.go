package bench

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// Table is rows of text below a heading.
type Table struct {
	Heading []string
	Rows    [][]string
}

// Write writes the table for a terminal: the first column to the left, figures to the right.
func (t Table) Write(w io.Writer) error {
	aligned := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	width := 0
	for _, row := range t.all() {
		width = max(width, len(row[0]))
	}
	for _, row := range t.all() {
		fmt.Fprintf(aligned, "%-*s\t%s\t\n", width, row[0], strings.Join(row[1:], "\t"))
	}
	return aligned.Flush()
}

// Markdown is the table for a page.
func (t Table) Markdown() string {
	var text strings.Builder
	line := func(cells []string) { fmt.Fprintf(&text, "| %s |\n", strings.Join(cells, " | ")) }
	line(t.Heading)
	text.WriteString("|---" + strings.Repeat("|---:", len(t.Heading)-1) + "|\n")
	for _, row := range t.Rows {
		line(row)
	}
	return text.String()
}

func (t Table) all() [][]string { return append([][]string{t.Heading}, t.Rows...) }
