package project

import (
	"fmt"
	"path/filepath"
)

// moduleFolders are where Go modules with code may be, and exampleFolders those that only test:examples looks at.
var (
	moduleFolders  = []string{".", "bare", "libs/*", "services/*"}
	exampleFolders = []string{"examples/*", "examples/libs/*"}
)

// modules lists the folders of Go modules that patterns match, relative to the repository's root.
func (p Project) modules(patterns []string) ([]string, error) {
	var found []string
	for _, pattern := range patterns {
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
