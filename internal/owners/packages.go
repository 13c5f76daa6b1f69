package owners

import (
	"cmp"
	"debug/buildinfo"
	"fmt"
	"slices"

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
		all = append(all, modules(f.Build)...)
	}
	slices.SortFunc(all, func(a, b Owner) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Version, b.Version))
	})
	return slices.Compact(all), nil
}

// modules are those that a Go program was linked from, besides its own.
func modules(info *buildinfo.BuildInfo) []Owner {
	if info == nil {
		return nil
	}
	all := []Owner{{"go", "go", info.GoVersion}}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		all = append(all, Owner{"go", m.Path, m.Version})
	}
	return all
}
