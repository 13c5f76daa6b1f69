package render

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/moby/sys/atomicwriter"

	"example.com/stagecraft/internal/catalog"
)

// Write makes the repository at root follow the catalog and returns, sorted, the files that it changed or removed. Files
// that are right are not touched.
func Write(root string, repository catalog.Repository) ([]string, error) {
	changes, err := compare(root, repository)
	if err != nil {
		return nil, err
	}
	var done []string
	for _, change := range changes {
		name := filepath.Join(root, filepath.FromSlash(change.path))
		if change.content == nil {
			err = os.Remove(name)
		} else if err = makeFolder(root, change.path); err == nil {
			err = atomicwriter.WriteFile(name, change.content, 0o644)
		}
		if err != nil {
			return done, fmt.Errorf("rendering %s: %w", change.path, err)
		}
		done = append(done, change.path)
	}
	return done, nil
}

// makeFolder makes the folder of a file. A service's that is not there any more is not made again.
func makeFolder(root, file string) error {
	if slices.Contains(catalog.Folders, strings.Split(file, "/")[0]) {
		return nil
	}
	return os.MkdirAll(filepath.Join(root, filepath.FromSlash(path.Dir(file))), 0o755)
}
