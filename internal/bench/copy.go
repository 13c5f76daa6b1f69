package bench

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// needed are the parts of a repository that builds need.
var needed = []string{".dockerignore", "bare", "bench", "docker-bake.json", "dockerfiles", "services"}

// foreign are folders that tools leave among the sources.
var foreign = []string{"node_modules", ".venv", "build", "dist", "out"}

// Copy copies what builds need of the repository at root to a folder, so that sources may be changed there.
func Copy(root, to string) error {
	if err := os.MkdirAll(to, 0o755); err != nil {
		return fmt.Errorf("copy the repository to measure builds: %w", err)
	}
	for _, part := range needed {
		err := filepath.WalkDir(filepath.Join(root, part), func(file string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			name, err := filepath.Rel(root, file)
			if err != nil {
				return err
			}
			switch {
			case entry.IsDir() && slices.Contains(foreign, entry.Name()):
				return fs.SkipDir
			case entry.IsDir():
				return os.MkdirAll(filepath.Join(to, name), 0o755)
			case !entry.Type().IsRegular():
				return nil
			}
			info, err := entry.Info()
			if err != nil {
				return err
			}
			data, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(to, name), data, info.Mode().Perm())
		})
		if err != nil && !(part == "bare" && os.IsNotExist(err)) {
			return fmt.Errorf("copy the repository to measure builds: %w", err)
		}
	}
	return nil
}
