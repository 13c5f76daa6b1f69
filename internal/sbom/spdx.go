package sbom

import (
	"cmp"
	"fmt"

	"github.com/spdx/tools-golang/spdx"
	"github.com/spdx/tools-golang/spdx/v2/common"

	"example.com/stagecraft/internal/version"
)

// unasserted is how SPDX says that a document does not know.
const unasserted = "NOASSERTION"

// root is the ID of the image itself.
const root = "Image"

// spdx is the list as SPDX. Source: https://spdx.github.io/spdx-spec/v2.3/
func (c Contents) spdx() *spdx.Document {
	digest := c.Image.Digest()
	name := c.Service + "-" + digest.Hex
	d := &spdx.Document{
		SPDXVersion: spdx.Version, DataLicense: spdx.DataLicense, SPDXIdentifier: "DOCUMENT",
		DocumentName: name, DocumentNamespace: "https://spdx.org/spdxdocs/" + name,
		CreationInfo: &spdx.CreationInfo{
			Creators: []common.Creator{{CreatorType: "Tool", Creator: "stagecraft-" + version.Version}}, Created: c.created(),
		},
	}
	relate := func(a common.ElementID, how string, b common.ElementID) {
		d.Relationships = append(d.Relationships, &spdx.Relationship{
			RefA: common.DocElementID{ElementRefID: a}, Relationship: how, RefB: common.DocElementID{ElementRefID: b},
		})
	}
	image := spdxPackage(root, c.Service, digest.String(), imageURL(c.Service, c.Image))
	image.PrimaryPackagePurpose = "CONTAINER"
	image.PackageLicenseDeclared = cmp.Or(c.licenses(), unasserted)
	image.PackageChecksums = []common.Checksum{{Algorithm: common.SHA256, Value: digest.Hex}}
	d.Packages = append(d.Packages, image)
	relate(d.SPDXIdentifier, common.TypeRelationshipDescribe, root)
	for _, p := range c.Packages {
		id := common.ElementID(p.id())
		d.Packages = append(d.Packages, spdxPackage(id, p.Name, p.Version, p.PURL))
		relate(root, common.TypeRelationshipContains, id)
	}
	for i, f := range c.Files {
		id := common.ElementID(fmt.Sprintf("File-%d", i+1))
		d.Files = append(d.Files, &spdx.File{
			FileName: "." + f.Path, FileSPDXIdentifier: id,
			Checksums:        []common.Checksum{{Algorithm: common.SHA1, Value: f.SHA1}, {Algorithm: common.SHA256, Value: f.SHA256}},
			LicenseConcluded: unasserted, LicenseInfoInFiles: []string{unasserted}, FileCopyrightText: unasserted,
		})
		relate(root, common.TypeRelationshipContains, id)
	}
	return d
}

func spdxPackage(id common.ElementID, name, version, purl string) *spdx.Package {
	p := &spdx.Package{
		PackageSPDXIdentifier: id, PackageName: name, PackageVersion: version, PackageDownloadLocation: unasserted,
		PackageLicenseConcluded: unasserted, PackageLicenseDeclared: unasserted, PackageCopyrightText: unasserted,
	}
	if purl != "" {
		p.PackageExternalReferences = []*spdx.PackageExternalReference{
			{Category: common.CategoryPackageManager, RefType: common.TypePackageManagerPURL, Locator: purl},
		}
	}
	return p
}
