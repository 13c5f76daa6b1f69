// Package files writes files.
package files

import (
	"errors"
	"os"
	"path/filepath"
)

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
