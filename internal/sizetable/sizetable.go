// Package sizetable keeps the measured sizes in a Markdown table up to date.
package sizetable

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/image"
)

// Lines between which the table stands. It has a row for each service: name, unpacked and pull for each of
// catalog.Platforms, then columns that are a person's and stay as they are.
const (
	Begin = "<!-- sizes: `go tool mage docs` writes these figures, `go tool mage test` checks them -->"
	End   = "<!-- /sizes -->"
)

// Tolerance is how far a size may be from its figure, as a part of it: packages that images are made of move a little when
// their distribution fixes them.
const Tolerance = 0.03

// Sizes are measured sizes by service and platform.
type Sizes map[string]map[catalog.Platform]image.Size

// columns are the table's own, which are written; what follows them is kept.
var columns = 1 + 2*len(catalog.Platforms)

// Write is text with the table's figures replaced by sizes. Services without a row get one, rows without a service go.
func Write(text string, sizes Sizes) (string, error) {
	before, rows, after, err := split(text)
	if err != nil {
		return "", err
	}
	var lines []string
	seen := map[string]bool{}
	width := columns
	for i, row := range rows {
		cells := cellsOf(row)
		width = max(width, len(cells))
		if i < 2 { // heading and rule
			lines = append(lines, row)
			continue
		}
		if measured, ok := sizes[cells[0]]; ok {
			seen[cells[0]] = true
			lines = append(lines, join(append(figures(cells[0], measured), cells[min(columns, len(cells)):]...)))
		}
	}
	for _, name := range sorted(sizes) {
		if !seen[name] {
			cells := figures(name, sizes[name])
			lines = append(lines, join(append(cells, make([]string, width-len(cells))...)))
		}
	}
	return before + strings.Join(lines, "\n") + "\n" + after, nil
}

// Remove is text without a service's row. A text without the table stays as it is.
func Remove(text, service string) (string, error) {
	if !strings.Contains(text, Begin) {
		return text, nil
	}
	before, rows, after, err := split(text)
	if err != nil {
		return "", err
	}
	rows = append(rows[:2], slices.DeleteFunc(rows[2:], func(row string) bool { return cellsOf(row)[0] == service })...)
	return before + strings.Join(rows, "\n") + "\n" + after, nil
}

// Keep is text with the table of another text. Where one of them has none, text stays as it is.
func Keep(text, other string) string {
	before, _, after, err := split(text)
	_, rows, _, none := split(other)
	if err != nil || none != nil {
		return text
	}
	return before + strings.Join(rows, "\n") + "\n" + after
}

// Check is an error that lists each figure that is further from its size than Tolerance, and each service without a row. A row
// whose service was deleted is left to the next Write, and a text without the table has nothing to check.
func Check(text string, sizes Sizes) error {
	if !strings.Contains(text, Begin) {
		return nil
	}
	_, rows, _, err := split(text)
	if err != nil {
		return err
	}
	told := map[string][]string{}
	for _, row := range rows[2:] {
		cells := cellsOf(row)
		told[cells[0]] = cells[1:]
	}
	var wrong []string
	for _, name := range sorted(sizes) {
		cells := told[name]
		if len(cells) < columns-1 {
			wrong = append(wrong, name+" has no row")
			continue
		}
		for i, is := range flatten(sizes[name]) {
			figure, err := catalog.ParseBytes(cells[i])
			if off := float64(is - figure); err != nil || off > Tolerance*float64(figure) || -off > Tolerance*float64(figure) {
				wrong = append(wrong, fmt.Sprintf("%s says %q where %v was measured", name, cells[i], is))
			}
		}
	}
	if len(wrong) > 0 {
		slices.Sort(wrong)
		return fmt.Errorf("figures are wrong: %s; run: go tool mage docs", strings.Join(wrong, "; "))
	}
	return nil
}

// split is the table's rows and what is around them.
func split(text string) (before string, rows []string, after string, err error) {
	head, rest, ok := strings.Cut(text, Begin+"\n")
	table, tail, closed := strings.Cut(rest, End)
	if !ok || !closed {
		return "", nil, "", errors.New("find the table of sizes: its first or last line is missing: " + Begin + " … " + End)
	}
	for line := range strings.Lines(table) {
		if line = strings.TrimSpace(line); line != "" {
			rows = append(rows, line)
		}
	}
	if len(rows) < 2 {
		return "", nil, "", errors.New("find the table of sizes: it has no heading")
	}
	return head + Begin + "\n", rows, End + tail, nil
}

func cellsOf(row string) []string {
	cells := strings.Split(strings.Trim(row, "|"), "|")
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	return cells
}

func join(cells []string) string { return "| " + strings.Join(cells, " | ") + " |" }

func figures(name string, measured map[catalog.Platform]image.Size) []string {
	cells := []string{name}
	for _, b := range flatten(measured) {
		cells = append(cells, b.String())
	}
	return cells
}

// flatten is unpacked and pull for each platform in the order of the columns.
func flatten(measured map[catalog.Platform]image.Size) []catalog.Bytes {
	var all []catalog.Bytes
	for _, p := range catalog.Platforms {
		all = append(all, catalog.Bytes(measured[p].Unpacked), catalog.Bytes(measured[p].Pull))
	}
	return all
}

func sorted(sizes Sizes) []string {
	var names []string
	for name := range sizes {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
