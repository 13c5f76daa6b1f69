package vex

import (
	"cmp"
	"slices"
	"time"

	"github.com/package-url/packageurl-go"
)

// Waiver is why a vulnerability, by any of its names, need not be fixed in the image of a service: what the latest statement says about
// each of the package URLs that it was found in. It is empty unless that is a reason for not_affected or fixed.
func Waiver(documents []Document, service string, names, packages []string) string {
	reason := ""
	for _, purl := range packages {
		if reason = waiver(documents, service, names, purl); reason == "" {
			return ""
		}
	}
	return reason
}

func waiver(documents []Document, service string, names []string, purl string) string {
	var latest Statement
	var since time.Time
	for _, d := range documents {
		for _, s := range d.Statements {
			when := d.Timestamp
			if s.Timestamp != nil {
				when = *s.Timestamp
			}
			if s.about(service, names, purl) && !when.Before(since) {
				latest, since = s, when
			}
		}
	}
	reason := cmp.Or(latest.ImpactStatement, latest.StatusNotes, latest.Justification)
	if latest.Status != "not_affected" && latest.Status != "fixed" || reason == "" {
		return ""
	}
	return latest.Status + " since " + since.Format(time.DateOnly) + ": " + reason
}

// about reports whether a statement is about a vulnerability of a package in the image of a service.
func (s Statement) about(service string, names []string, purl string) bool {
	return slices.ContainsFunc(append([]string{s.Vulnerability.Name}, s.Vulnerability.Aliases...), func(n string) bool { return slices.Contains(names, n) }) &&
		slices.ContainsFunc(s.Products, func(p Product) bool {
			if !p.covers("pkg:oci/" + service) {
				return p.covers(purl)
			}
			return len(p.Subcomponents) == 0 || slices.ContainsFunc(p.Subcomponents, func(c Product) bool { return c.covers(purl) })
		})
}

// covers reports whether a product is the one of a package URL: what its own URL leaves out may have any value.
func (p Product) covers(purl string) bool {
	of, err := packageurl.FromString(cmp.Or(p.ID, p.Identifiers["purl"]))
	it, err2 := packageurl.FromString(purl)
	if err != nil || err2 != nil || of.Type != it.Type || of.Namespace != it.Namespace || of.Name != it.Name {
		return false
	}
	for name, value := range of.Qualifiers.Map() {
		if it.Qualifiers.Map()[name] != value {
			return false
		}
	}
	return of.Version == "" || of.Version == it.Version
}
