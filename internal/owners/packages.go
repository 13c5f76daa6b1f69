package owners

import (
	"cmp"
	"debug/buildinfo"
	"fmt"
	"slices"

	"golang.org/x/mod/modfile"

	"example.com/stagecraft/internal/image"
	"example.com/stagecraft/internal/rootfs"
)

// Packages lists what an image was made of, by the records that it carries: packages of the OS, the modules of Go programs
// and the Go that compiled them, wheels, npm packages, programs that are known by their bytes.
func Packages(name string, img image.Image) ([]Owner, error) {
	root, err := rootfs.Read(img)
	if err != nil {
		return nil, fmt.Errorf("list the packages of %s for %s: %w", name, img.Platform(), err)
	}
	var all []Owner
	for _, c := range Find(root, name).Contributors() {
		if c.Kind != "go" {
			all = append(all, c.Owner)
		}
	}
	for _, f := range root.ELFs {
		all = append(all, Modules(f.Build)...)
	}
	slices.SortFunc(all, func(a, b Owner) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Version, b.Version))
	})
	return slices.Compact(all), nil
}

// Modules are those that a Go program was linked from, besides its own, and the Go that compiled it, as the module go. One that
// a folder replaced has no version.
func Modules(info *buildinfo.BuildInfo) []Owner {
	if info == nil {
		return nil
	}
	all := []Owner{{"go", "go", info.GoVersion}}
	for _, m := range info.Deps {
		path, version := m.Path, m.Version
		switch r := m.Replace; {
		case r == nil:
		case modfile.IsDirectoryPath(r.Path):
			version = ""
		default:
			path, version = r.Path, r.Version
		}
		all = append(all, Owner{"go", path, version})
	}
	return all
}
