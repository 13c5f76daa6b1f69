package sbom

import (
	"cmp"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/package-url/packageurl-go"

	"example.com/stagecraft/internal/image"
	"example.com/stagecraft/internal/owners"
	"example.com/stagecraft/internal/rootfs"
)

// distribution is the Linux distribution of an image, as its /etc/os-release names it; empty when there is none.
type distribution struct{ id, version string }

func readDistribution(root *rootfs.FS) distribution {
	var d distribution
	for line := range strings.Lines(root.Text("/etc/os-release")) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		switch value = strings.Trim(value, `"'`); key {
		case "ID":
			d.id = value
		case "VERSION_ID":
			d.version = value
		}
	}
	return d
}

// qualifiers are those of the distribution's packages.
func (d distribution) qualifiers() map[string]string {
	if d.id == "" || d.version == "" {
		return map[string]string{}
	}
	return map[string]string{"distro": d.id + "-" + d.version}
}

// packageURL is how scanners know a package; record is its control record, if it is a Debian package.
// Source: https://github.com/package-url/purl-spec/tree/main/types-doc
func packageURL(o owners.Owner, record string, from distribution) string {
	switch {
	case record != "":
		return debian(o, record, from)
	case o.Kind == "os" && from.id == "alpine" && o.Version != "":
		return purl(packageurl.TypeApk, from.id+"/"+o.Name, o.Version, from.qualifiers())
	case o.Kind == "go" && o.Name == "go":
		return purl(packageurl.TypeGolang, "stdlib", strings.TrimPrefix(o.Version, "go"), nil)
	case o.Kind == "go":
		return purl(packageurl.TypeGolang, o.Name, strings.TrimPrefix(o.Version, "(devel)"), nil)
	case o.Kind == "npm":
		return purl(packageurl.TypeNPM, o.Name, o.Version, nil)
	case o.Kind == "python", o.Kind == "service" && o.Version != "": // of services, only wheels have versions
		return purl(packageurl.TypePyPi, o.Name, o.Version, nil)
	case o.Kind == "program", o.Kind == "note":
		return purl(packageurl.TypeGeneric, o.Name, o.Version, nil)
	}
	return ""
}

// debian names the source package too: security trackers go by it.
func debian(o owners.Owner, record string, from distribution) string {
	qualifiers := from.qualifiers()
	if arch := owners.Field(record, "Architecture"); arch != "" {
		qualifiers["arch"] = arch
	}
	if name, version, _ := strings.Cut(owners.Field(record, "Source"), " ("); name != "" {
		if version = strings.TrimSuffix(version, ")"); version != "" {
			name += "@" + version
		}
		qualifiers["upstream"] = name
	}
	return purl(packageurl.TypeDebian, cmp.Or(from.id, "debian")+"/"+o.Name, o.Version, qualifiers)
}

// imageURL is the package URL of an image. Source: https://github.com/package-url/purl-spec/blob/main/types-doc/oci-definition.md
func imageURL(service string, img image.Image) string {
	platform, _ := v1.ParsePlatform(img.Platform())
	return purl(packageurl.TypeOCI, service, img.Digest().String(), map[string]string{"arch": platform.Architecture})
}

// purl makes a package URL of a name whose part before the last slash is a namespace.
func purl(kind, name, version string, qualifiers map[string]string) string {
	namespace := ""
	if slash := strings.LastIndex(name, "/"); slash >= 0 {
		namespace, name = name[:slash], name[slash+1:]
	}
	u := packageurl.NewPackageURL(kind, namespace, name, version, packageurl.QualifiersFromMap(qualifiers), "")
	if kind == packageurl.TypePyPi { // PyPI takes A_b for a-b; names of Go modules must stay as they are
		_ = u.Normalize() // an odd name stays as it is
	}
	return u.ToString()
}
