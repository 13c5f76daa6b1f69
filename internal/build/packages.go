package build

import (
	"cmp"
	"slices"

	"example.com/stagecraft/internal/image"
	"example.com/stagecraft/internal/owners"
)

// Package is one of the system that an image records, Debian's for instance. No file of a repository pins these: a build takes
// what is there on its day, and the next ones take its steps from the cache.
type Package struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Packages are those of the system in all images of a layout, sorted, each once.
func Packages(name string, idx image.Index) ([]Package, error) {
	all := []Package{}
	for _, i := range idx.Images() {
		found, err := owners.Packages(name, i)
		if err != nil {
			return nil, err
		}
		for _, o := range found {
			if o.Kind == "os" && o.Version != "" {
				all = append(all, Package{o.Name, o.Version})
			}
		}
	}
	slices.SortFunc(all, func(a, b Package) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Version, b.Version)) })
	return slices.Compact(all), nil
}
