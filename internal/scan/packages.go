// Package scan judges the vulnerabilities that osv-scanner finds in images: which of them fail a scan, and why others do not.
package scan

import (
	"bytes"
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	cdx "github.com/CycloneDX/cyclonedx-go"
	"github.com/package-url/packageurl-go"

	"example.com/stagecraft/internal/sbom"
)

// ecosystems are the databases of OSV by the type of package URLs.
var ecosystems = map[string]string{
	packageurl.TypeDebian: "Debian", packageurl.TypeGolang: "Go", packageurl.TypeNPM: "npm", packageurl.TypePyPi: "PyPI",
}

// Package is a package of an image under its name in OSV: for Debian, that of the source package.
type Package struct {
	Name, Version string
	Ecosystem     string   // database of OSV, without the release of Debian
	URLs          []string // in the lists of the image; those that one source package has in it
	query         string   // package URL for the scanner
}

// Packages are the packages in lists for which OSV has a database, sorted, and the names of those for which it has none.
func Packages(listed []sbom.Package) (all []Package, unknown []string) {
	index := map[string]int{}
	for _, l := range listed {
		p, ok := named(l.PURL)
		if !ok {
			unknown = append(unknown, strings.TrimSpace(l.Name+" "+l.Version))
			continue
		}
		if n, ok := index[p.query]; ok {
			all[n].URLs = append(all[n].URLs, p.URLs...)
			continue
		}
		index[p.query] = len(all)
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b Package) int { return cmp.Compare(a.query, b.query) })
	slices.Sort(unknown)
	return all, slices.Compact(unknown)
}

// named is a package under its name in OSV; false when its database has no such name or OSV has no database.
func named(purl string) (Package, bool) {
	u, err := packageurl.FromString(purl)
	if err != nil || u.Version == "" || ecosystems[u.Type] == "" {
		return Package{}, false
	}
	p := Package{Ecosystem: ecosystems[u.Type], URLs: []string{purl}}
	qualifiers := u.Qualifiers.Map()
	u.Qualifiers = nil
	if u.Type == packageurl.TypeDebian {
		if qualifiers["distro"] == "" || u.Namespace != "debian" {
			return Package{}, false // vulnerabilities are those of a release
		}
		source, version, _ := strings.Cut(qualifiers["upstream"], "@")
		u.Name, u.Version = cmp.Or(source, u.Name), cmp.Or(version, u.Version)
		u.Qualifiers = packageurl.QualifiersFromMap(map[string]string{"distro": qualifiers["distro"]})
		p.Name = u.Name
	} else {
		p.Name = path.Join(u.Namespace, u.Name)
	}
	if u.Type == packageurl.TypeGolang {
		u.Version = strings.TrimPrefix(u.Version, "v")
	}
	p.Version, p.query = u.Version, u.ToString()
	return p, true
}

// List is packages for osv-scanner. That is CycloneDX, from which it takes the names of components; of package URLs in SPDX, it takes only
// what is behind the last slash.
func List(packages []Package) ([]byte, error) {
	components := make([]cdx.Component, len(packages))
	for i, p := range packages {
		components[i] = cdx.Component{Type: cdx.ComponentTypeLibrary, Name: p.Name, Version: p.Version, PackageURL: p.query}
	}
	bom := cdx.NewBOM()
	bom.Components = &components
	var out bytes.Buffer
	if err := cdx.NewBOMEncoder(&out, cdx.BOMFileFormatJSON).EncodeVersion(bom, cdx.SpecVersion1_6); err != nil {
		return nil, fmt.Errorf("write packages for osv-scanner: %w", err)
	}
	return out.Bytes(), nil
}
