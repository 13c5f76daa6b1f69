package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// setFolder returns the folder that a setting names, as an absolute path, or
// nothing where it is not set.
func setFolder(setting string) (string, error) {
	dir := os.Getenv(setting)
	if dir == "" {
		return "", nil
	}
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("finding the folder %s: %w; set %s to an absolute path", dir, err, setting)
	}
	return absolute, nil
}

// followLinks returns a folder's path without symbolic links, of which the
// kernel's lists know nothing. The folder need not be there yet.
func followLinks(dir string) (string, error) {
	resolved, err := filepath.EvalSymlinks(dir)
	if err == nil {
		return resolved, nil
	}
	above := filepath.Dir(dir)
	if !errors.Is(err, fs.ErrNotExist) || above == dir {
		return "", fmt.Errorf("following the links of %s: %w; set STAGECRAFT_HOME to a folder of your choice", dir, err)
	}
	if above, err = followLinks(above); err != nil {
		return "", err
	}
	dir = filepath.Join(above, filepath.Base(dir))
	// A link may lead to a folder that is not there: it was removed, or is on a fresh disk.
	if target, err := os.Readlink(dir); err == nil {
		if !filepath.IsAbs(target) {
			target = filepath.Join(above, target)
		}
		return followLinks(target)
	}
	return dir, nil
}
