package sbom

import (
	cdx "github.com/CycloneDX/cyclonedx-go"

	"example.com/stagecraft/internal/version"
)

// cycloneDX is the list as CycloneDX. It has no serial number: that would have to be random.
// Source: https://cyclonedx.org/docs/1.6/json/
func (c Contents) cycloneDX() *cdx.BOM {
	image := cdx.Component{
		BOMRef: root, Type: cdx.ComponentTypeContainer, Name: c.Service, Version: c.Image.Digest().String(),
		PackageURL: imageURL(c.Service, c.Image),
	}
	if licenses := c.licenses(); licenses != "" {
		image.Licenses = &cdx.Licenses{{Expression: licenses}}
	}
	all := []cdx.Component{}
	for _, p := range c.Packages {
		all = append(all, cdx.Component{BOMRef: p.id(), Type: cdx.ComponentTypeLibrary, Name: p.Name, Version: p.Version, PackageURL: p.PURL})
	}
	for _, f := range c.Files {
		all = append(all, cdx.Component{
			BOMRef: f.Path, Type: cdx.ComponentTypeFile, Name: f.Path,
			Hashes: &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA1, Value: f.SHA1}, {Algorithm: cdx.HashAlgoSHA256, Value: f.SHA256}},
		})
	}
	bom := cdx.NewBOM()
	bom.Metadata = &cdx.Metadata{
		Timestamp: c.created(), Component: &image,
		Tools: &cdx.ToolsChoice{Components: &[]cdx.Component{{Type: cdx.ComponentTypeApplication, Name: "stagecraft", Version: version.Version}}},
	}
	bom.Components = &all
	return bom
}
