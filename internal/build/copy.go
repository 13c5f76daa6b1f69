package build

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
)

// needed are the parts of a repository that builds need, and optional those of them that may be gone.
var (
	needed   = []string{".dockerignore", ".vscode", "bare", "bench", "compose.yaml", "docker-bake.json", "dockerfiles", "examples", "libs", "project.yaml", "services"}
	optional = []string{"bare", "bench", "examples", "libs", "services"}
)

// foreign are folders that tools leave among the sources, as .dockerignore has them.
var foreign = []string{"*/*/.venv", "*/*/build", "*/*/coverage", "*/*/dist", "*/*/node_modules", "*/*/out", "examples/libs/*/node_modules"}

// Copy copies what builds need of the repository at root to a folder, so that sources may be changed there. What is built
// there goes to its own out/.
func Copy(root, to string) error {
	from, err := os.OpenRoot(root)
	if err != nil {
		return fmt.Errorf("copy the repository: %w", err)
	}
	defer from.Close()
	err = os.MkdirAll(to, 0o755)
	for _, part := range needed {
		if _, err := from.Stat(part); slices.Contains(optional, part) && errors.Is(err, fs.ErrNotExist) {
			continue
		}
		err = errors.Join(err, fs.WalkDir(from.FS(), part, func(name string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case entry.IsDir() && isForeign(name):
				return fs.SkipDir
			case entry.IsDir():
				return os.MkdirAll(filepath.Join(to, filepath.FromSlash(name)), 0o755)
			case !entry.Type().IsRegular():
				return nil
			}
			return copyFile(from, name, filepath.Join(to, filepath.FromSlash(name)))
		}))
	}
	if err != nil {
		return fmt.Errorf("copy the repository: %w", err)
	}
	return nil
}

func isForeign(dir string) bool {
	return slices.ContainsFunc(foreign, func(pattern string) bool {
		matched, _ := path.Match(pattern, dir) // each pattern is a good one
		return matched
	})
}

func copyFile(from *os.Root, name, to string) error {
	info, err := from.Stat(name)
	if err != nil {
		return err
	}
	data, err := from.ReadFile(name)
	if err != nil {
		return err
	}
	return os.WriteFile(to, data, info.Mode().Perm())
}
