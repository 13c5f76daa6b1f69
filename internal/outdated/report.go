package outdated

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// Row is a package and its newest version.
type Row struct {
	Services  []string `json:"services"`
	Ecosystem string   `json:"ecosystem"`
	Package   string   `json:"package"`
	Has       string   `json:"has"`
	SameMajor string   `json:"same_major,omitempty"` // the newest that should need no work; empty when there is none newer
	Latest    string   `json:"latest,omitempty"`
	Kind      Kind     `json:"kind,omitempty"`
}

// Failure is an ecosystem that could not be asked.
type Failure struct {
	Ecosystem string `json:"ecosystem"`
	Why       string `json:"why"`
}

// Report is the answer.
type Report struct {
	Outdated    []Row     `json:"outdated"`
	Unknown     []Row     `json:"unknown"` // their registry does not have them
	Current     int       `json:"current"`
	Unreachable []Failure `json:"unreachable"`
	// Latest are the versions of every package that was asked for, by ecosystem and name.
	Latest map[string]map[string]Versions `json:"-"`
}

// Write writes a table of what is outdated, and below it what could not be told.
func (r Report) Write(w io.Writer) error {
	if len(r.Outdated) > 0 {
		table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "service\tfrom\tpackage\thas\tsame major\tlatest\tkind")
		for _, row := range r.Outdated {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", strings.Join(row.Services, ", "), row.Ecosystem, row.Package,
				short(row.Has), cmp.Or(short(row.SameMajor), "-"), short(row.Latest), row.Kind)
		}
		if err := table.Flush(); err != nil {
			return err
		}
		fmt.Fprintln(w)
	}
	for _, row := range r.Unknown {
		fmt.Fprintf(w, "%s: %s %s of %s is not in its registry\n", row.Ecosystem, row.Package, row.Has, strings.Join(row.Services, ", "))
	}
	for _, f := range r.Unreachable {
		fmt.Fprintf(w, "%s: not compared: %s\n", f.Ecosystem, f.Why)
	}
	_, err := fmt.Fprintf(w, "%d outdated, %d current, %d unknown\n", len(r.Outdated), r.Current, len(r.Unknown))
	return err
}

// WriteJSON writes all of it as one document.
func (r Report) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(r)
}

// short shortens digests, which nobody reads.
func short(version string) string {
	if hex, ok := strings.CutPrefix(version, "sha256:"); ok && len(hex) > 12 {
		return "sha256:" + hex[:12]
	}
	return version
}
