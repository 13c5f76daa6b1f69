package project

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"example.com/stagecraft/internal/attestation"
	"example.com/stagecraft/internal/build"
	"example.com/stagecraft/internal/image"
	"example.com/stagecraft/internal/provenance"
	"example.com/stagecraft/internal/sbom"
	"example.com/stagecraft/internal/vex"
)

// provenImage is a proven image, the commit that it was built from, and the URL of the repository that has this commit.
type provenImage struct {
	build.Proof

	revision, source string
}

// statements makes what is said about an image as it is pushed: what is in it, for each platform in both formats; how it was built;
// and what the team knows of vulnerabilities in it.
func (p Project) statements(b provenImage) func(context.Context, image.Index) ([]attestation.Statement, error) {
	return func(_ context.Context, idx image.Index) ([]attestation.Statement, error) {
		whole := attestation.Resource{Name: b.Service.Name, Digest: attestation.Digest(idx.Digest())}
		made := provenance.Build{
			Root: p.Root, Source: b.source, Revision: b.revision, Service: b.Service, StandIns: b.StandIns,
		}
		var all []attestation.Statement
		add := func(predicateType string, predicate any, subject attestation.Resource) error {
			s, err := attestation.New(predicateType, predicate, subject)
			all = append(all, s)
			return err
		}
		for _, i := range idx.Images() {
			contents, err := sbom.Read(b.Service.Name, i)
			if err != nil {
				return nil, err
			}
			for _, format := range []sbom.Format{sbom.SPDX, sbom.CycloneDX} {
				document, err := contents.Document(format)
				if err != nil {
					return nil, err
				}
				one := attestation.Resource{Name: b.Service.Name, Digest: attestation.Digest(i.Digest())}
				if err := add(format.PredicateType(), json.RawMessage(document), one); err != nil {
					return nil, err
				}
			}
			made.Platforms = append(made.Platforms, i.Platform())
			made.Packages = append(made.Packages, debianPackages(contents)...)
		}
		slices.Sort(made.Packages)
		made.Packages = slices.Compact(made.Packages)
		predicate, err := provenance.New(made)
		if err != nil {
			return nil, err
		}
		if err := add(attestation.Provenance, predicate, whole); err != nil {
			return nil, err
		}
		known, err := vex.Load(p.Root, b.Service.Dir)
		if err != nil {
			return nil, err
		}
		for _, document := range known {
			if err := add(attestation.OpenVEX, document, whole); err != nil {
				return nil, err
			}
		}
		return all, nil
	}
}

// debianPackages are the package URLs of the Debian packages in an image.
func debianPackages(contents sbom.Contents) []string {
	var all []string
	for _, p := range contents.Packages {
		if strings.HasPrefix(p.PURL, "pkg:deb/") {
			all = append(all, p.PURL)
		}
	}
	return all
}
