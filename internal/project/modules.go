package project

import (
	"fmt"
	"path/filepath"
)

// modules lists the folders of the repository's Go modules that hold code, relative to its root: the root, then bare/ and
// services, where they have one.
func (p Project) modules() ([]string, error) {
	found := []string{"."}
	for _, pattern := range []string{"bare", "services/*"} {
		files, err := filepath.Glob(filepath.Join(p.Root, filepath.FromSlash(pattern), "go.mod"))
		if err != nil {
			return nil, fmt.Errorf("find Go modules: %w", err)
		}
		for _, file := range files {
			dir, err := filepath.Rel(p.Root, filepath.Dir(file))
			if err != nil {
				return nil, fmt.Errorf("find Go modules: %w", err)
			}
			found = append(found, dir)
		}
	}
	return found, nil
}
