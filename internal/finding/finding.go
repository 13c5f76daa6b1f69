package finding

import (
	"cmp"
	"fmt"
	"slices"
)

// Finding is one place where a rule does not hold.
type Finding struct {
	Rule     string   `json:"rule"`
	Severity Severity `json:"severity"`
	// File and Line say where: a Dockerfile or a service.yaml. Line is 0 when it concerns the whole file.
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
	// Image, Platform and Path say where in an image. In a Dockerfile, Path is what a waiver must name.
	Image    string `json:"image,omitempty"`
	Platform string `json:"platform,omitempty"`
	Path     string `json:"path,omitempty"`

	// ServiceFile is the service.yaml of an image's service: where GitHub shows what is found in the image.
	ServiceFile string `json:"-"`

	Message string   `json:"message"`
	Fix     string   `json:"fix"`
	Details []string `json:"details,omitempty"`
}

// Place is where the finding is: FILE:LINE, or IMAGE:PLATFORM:PATH.
func (f Finding) Place() string {
	switch {
	case f.File != "" && f.Line > 0:
		return fmt.Sprintf("%s:%d", f.File, f.Line)
	case f.File != "":
		return f.File
	case f.Path != "":
		return f.Image + ":" + f.Platform + ":" + f.Path
	default:
		return f.Image + ":" + f.Platform
	}
}

// String is the finding in one line.
func (f Finding) String() string { return f.Place() + ": " + f.Rule + ": " + f.Message + "; " + f.Fix }

func sortFindings(all []Finding) {
	slices.SortStableFunc(all, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(a.File, b.File), cmp.Compare(a.Image, b.Image), cmp.Compare(a.Platform, b.Platform),
			cmp.Compare(a.Line, b.Line), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Message, b.Message),
		)
	})
}
