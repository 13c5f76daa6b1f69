package build

import (
	"bytes"
	"slices"
	"strings"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/render"
)

// Inputs are what a service's key is made from, by name instead of by content, and the target that runs its tests.
type Inputs struct {
	Files   []string // its Dockerfile, and what that takes from the build context; relative to the root, sorted
	Targets []byte   // its targets in the committed bake files
}

// ReadInputs finds the inputs of services of the repository at root, by name. A file that a Dockerfile takes and that is not
// there is not an error, as in a key.
func ReadInputs(root string, services []catalog.Service) (map[string]Inputs, error) {
	files, err := newContext(root)
	if err != nil {
		return nil, err
	}
	committed, err := committedTargets(root)
	if err != nil {
		return nil, err
	}
	found := map[string]Inputs{}
	for _, s := range services {
		dockerfile := s.Dir + "/Dockerfile"
		names, err := files.taken(dockerfile)
		if err != nil {
			return nil, err
		}
		names = slices.DeleteFunc(names, func(name string) bool { return strings.HasSuffix(name, "/") }) // git knows no folders
		if at, ok := slices.BinarySearch(names, dockerfile); !ok {
			names = slices.Insert(names, at, dockerfile)
		}
		targets := bytes.Join([][]byte{committed[s.Name], committed[render.TestTarget(s)]}, []byte("\n"))
		found[s.Name] = Inputs{Files: names, Targets: targets}
	}
	return found, nil
}
