package render

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"example.com/stagecraft/internal/catalog"
)

// Write makes the repository at root follow the catalog and returns, sorted, the files that it changed or removed. Files
// that are right are not touched.
func Write(root string, services []catalog.Service) ([]string, error) {
	changes, err := compare(root, services)
	if err != nil {
		return nil, err
	}
	var done []string
	for _, change := range changes {
		name := filepath.Join(root, filepath.FromSlash(change.path))
		if change.content == nil {
			err = os.Remove(name)
		} else {
			err = Replace(name, change.content)
		}
		if err != nil {
			return done, fmt.Errorf("rendering %s: %w", change.path, err)
		}
		done = append(done, change.path)
	}
	return done, nil
}

// Replace writes a file, mode 0644, in one step: whoever reads it sees the old content or the new one, also after a crash.
func Replace(name string, content []byte) (err error) {
	file, err := os.CreateTemp(filepath.Dir(name), ".replace-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(file.Name()))
		}
	}()
	_, err = file.Write(content)
	if err := errors.Join(err, file.Chmod(0o644), file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), name)
}
