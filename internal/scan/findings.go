package scan

import (
	"cmp"
	"encoding/json"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/vex"
)

// Image is what is scanned of a service: the packages in its image for all platforms, and what the team says of vulnerabilities.
type Image struct {
	Service  catalog.Service
	Packages []Package
	Known    []vex.Document
}

// File is the name of the list of an image's packages.
func (i Image) File() string { return i.Service.Name + ".cdx.json" }

// Finding is a vulnerability of a package in an image.
type Finding struct {
	Service  catalog.Service
	Package  Package
	ID       string   // of its page at osv.dev
	Name     string   // CVE-2026-1234 where it has such a name, or what its database calls it
	Names    []string // all of them
	Summary  string
	Severity catalog.Severity
	Unrated  bool     // nobody rated it: Severity is high, so that it is not overlooked
	Fixed    []string // versions that fix it
	Pass     string   // why it does not fail the scan; empty: it does
	Waived   bool     // by a statement
}

// results is what osv-scanner writes. Source: https://google.github.io/osv-scanner/output/#json and https://ossf.github.io/osv-schema/
type results struct {
	Results []struct {
		Source   struct{ Path string }
		Packages []struct {
			Package         struct{ Name, Version, Ecosystem string }
			Vulnerabilities []vulnerability
			Groups          []group
		}
	}
}

// group are the entries of databases about one vulnerability.
type group struct {
	IDs, Aliases []string
	MaxSeverity  string `json:"max_severity"` // CVSS, 0 to 10; empty when nobody rated it
}

type vulnerability struct {
	ID, Summary string
	Affected    []struct {
		Package struct{ Name, Ecosystem string }
		Ranges  []struct {
			Type   string
			Events []struct{ Fixed string }
		}
	}
}

// Findings reads what osv-scanner wrote about the lists of all packages of images, and judges it: what is at or above the limit, has a
// fix, and is not waived fails. A package that osv-scanner left out is an error.
func Findings(data []byte, images []Image, limit catalog.Severity) ([]Finding, error) {
	var found results
	if err := json.Unmarshal(data, &found); err != nil {
		return nil, fmt.Errorf("read what osv-scanner found: %w", err)
	}
	type key struct{ file, ecosystem, name, version string }
	seen := map[key]bool{}
	var all []Finding
	for _, r := range found.Results {
		for _, p := range r.Packages {
			ecosystem, _, _ := strings.Cut(p.Package.Ecosystem, ":") // Debian:13
			k := key{path.Base(filepath.ToSlash(r.Source.Path)), ecosystem, p.Package.Name, p.Package.Version}
			seen[k] = true
			for _, i := range images {
				n := slices.IndexFunc(i.Packages, func(p Package) bool { return k == key{i.File(), p.Ecosystem, p.Name, p.Version} })
				if n < 0 {
					continue
				}
				for _, g := range p.Groups {
					f := g.finding(p.Package.Name, p.Package.Ecosystem, p.Vulnerabilities)
					f.Service, f.Package = i.Service, i.Packages[n]
					f.judge(limit, i.Known)
					all = append(all, f)
				}
			}
		}
	}
	for _, i := range images {
		for _, p := range i.Packages {
			if !seen[key{i.File(), p.Ecosystem, p.Name, p.Version}] {
				return nil, fmt.Errorf("osv-scanner left out %s of %s; please report it with out/sbom", p.query, i.Service.Name)
			}
		}
	}
	slices.SortFunc(all, func(a, b Finding) int {
		return cmp.Or(rank(b.Severity)-rank(a.Severity), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Package.query, b.Package.query), cmp.Compare(a.Service.Name, b.Service.Name))
	})
	return all, nil
}

// finding is what a package's vulnerabilities say of those in the group.
func (g group) finding(name, ecosystem string, all []vulnerability) Finding {
	f := Finding{ID: g.IDs[0], Name: g.IDs[0], Names: slices.Concat(g.IDs, g.Aliases)}
	f.Severity, f.Unrated = rate(g.MaxSeverity)
	for _, v := range all {
		if slices.Contains(g.IDs, v.ID) {
			f.Summary = cmp.Or(f.Summary, v.Summary)
			f.Fixed = append(f.Fixed, v.fixed(name, ecosystem)...)
		}
	}
	slices.Sort(f.Names)
	f.Names = slices.Compact(f.Names)
	if cves := f.cves(); len(cves) == 1 {
		f.Name = cves[0]
	}
	slices.Sort(f.Fixed)
	f.Fixed = slices.Compact(f.Fixed)
	return f
}

// fixed are the versions that fix a vulnerability in a package.
func (v vulnerability) fixed(name, ecosystem string) []string {
	var all []string
	for _, a := range v.Affected {
		if a.Package.Name != name || a.Package.Ecosystem != ecosystem {
			continue
		}
		for _, r := range a.Ranges {
			for _, e := range r.Events {
				if e.Fixed != "" && r.Type != "GIT" { // a commit is nothing to update to
					all = append(all, e.Fixed)
				}
			}
		}
	}
	return all
}

// rate is the severity of a CVSS score. Source: https://www.first.org/cvss/v3-1/specification-document (table 14)
func rate(score string) (_ catalog.Severity, unrated bool) {
	n, err := strconv.ParseFloat(score, 64)
	switch {
	case err != nil:
		return "high", true
	case n >= 9:
		return "critical", false
	case n >= 7:
		return "high", false
	case n >= 4:
		return "medium", false
	}
	return "low", false
}

func rank(s catalog.Severity) int { return slices.Index(catalog.Severities, s) }

func (f Finding) cves() []string {
	return slices.DeleteFunc(slices.Clone(f.Names), func(n string) bool { return !strings.HasPrefix(n, "CVE-") })
}

// waiver is why a finding is waived; empty when it is not. An advisory about several vulnerabilities is when each of them is.
func (f Finding) waiver(known []vex.Document) (reason string) {
	each := [][]string{f.Names}
	if cves := f.cves(); len(cves) > 1 {
		each = slices.Collect(slices.Chunk(cves, 1))
	}
	for _, names := range each {
		if reason = vex.Waiver(known, f.Service.Name, names, f.Package.URLs); reason == "" {
			return ""
		}
	}
	return reason
}

// judge says why a finding does not fail the scan, if it does not.
func (f *Finding) judge(limit catalog.Severity, known []vex.Document) {
	if reason := f.waiver(known); reason != "" {
		f.Pass, f.Waived = "waived: "+reason, true
		return
	}
	switch {
	case rank(f.Severity) < rank(limit):
		f.Pass = "below " + string(limit)
	case len(f.Fixed) == 0:
		f.Pass = "no fix"
	}
}
