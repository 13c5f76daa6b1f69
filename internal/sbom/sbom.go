// Package sbom lists what is in an image, as SPDX or CycloneDX: packages, and files that belong to none. Nothing in a list depends
// on when, where or how often it is made.
package sbom

import (
	"cmp"
	"crypto/sha1" //nolint:gosec // SPDX asks for it; SHA-256 is next to it
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"time"

	"example.com/stagecraft/internal/image"
	"example.com/stagecraft/internal/owners"
	"example.com/stagecraft/internal/rootfs"
)

// Contents is what is in a service's image for one platform.
type Contents struct {
	Service  string
	Image    image.Image
	Packages []Package // sorted
	Files    []File    // that belong to no package, sorted by path
}

// Package is a package, or the service's own part of the image.
type Package struct {
	owners.Owner

	PURL string // package URL; empty when no scanner would know it
}

// File is a file and its digests, hexadecimal.
type File struct {
	Path         string
	SHA1, SHA256 string
}

// Read lists what is in a service's image.
func Read(service string, img image.Image) (Contents, error) {
	failed := func(err error) error {
		return fmt.Errorf("list what is in the image of %s for %s: %w", service, img.Platform(), err)
	}
	root, err := rootfs.Read(img)
	if err != nil {
		return Contents{}, failed(err)
	}
	owned := owners.Find(root, service, "/app")
	if db := owned.RpmDatabase(); db != "" {
		return Contents{}, failed(fmt.Errorf("its packages are in %s, a database of RPM, which is not read; make the list with syft", db))
	}
	c := Contents{Service: service, Image: img, Packages: packages(root, owned)}
	for _, e := range root.Regular {
		if _, known := owned.Owned(e); known {
			continue
		}
		f, err := digests(root, e.Path)
		if err != nil {
			return Contents{}, failed(err)
		}
		c.Files = append(c.Files, f)
	}
	return c, nil
}

// packages are the owners of files, the modules of Go programs, and Debian packages of which no file is left.
func packages(root *rootfs.FS, owned *owners.Owners) []Package {
	from := readDistribution(root)
	seen := map[owners.Owner]bool{owners.Unowned: true}
	var all []Package
	add := func(o owners.Owner) {
		if !seen[o] {
			seen[o] = true
			all = append(all, Package{o, packageURL(o, owned.Debian[o], from)})
		}
	}
	for _, c := range owned.Contributors() {
		add(named(c.Owner, root))
	}
	for _, f := range root.ELFs {
		for _, m := range owners.Modules(f.Build) {
			add(m)
		}
	}
	for o := range owned.Debian {
		add(o)
	}
	slices.SortFunc(all, func(a, b Package) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Version, b.Version))
	})
	return all
}

func digests(root *rootfs.FS, path string) (File, error) {
	content, err := root.Tree.Open(path)
	if err != nil {
		return File{}, err
	}
	short, long := sha1.New(), sha256.New() //nolint:gosec // as above
	if _, err := io.Copy(io.MultiWriter(short, long), content); err != nil {
		return File{}, fmt.Errorf("read %s: %w", path, err)
	}
	return File{path, hex.EncodeToString(short.Sum(nil)), hex.EncodeToString(long.Sum(nil))}, nil
}

// created is when the image was made, as its configuration says: for all of a project's images, SOURCE_DATE_EPOCH.
func (c Contents) created() string { return c.Image.Config().Created.UTC().Format(time.RFC3339) }

// licenses is the SPDX expression that the image is labelled with; empty when it has no such label.
func (c Contents) licenses() string {
	return c.Image.Config().Config.Labels["org.opencontainers.image.licenses"]
}

// id names a package within a document, by what it is alone.
func (p Package) id() string {
	sum := sha256.Sum256([]byte(p.Kind + "\n" + p.Name + "\n" + p.Version))
	return "Package-" + hex.EncodeToString(sum[:8])
}
