package engine

import (
	"fmt"
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
