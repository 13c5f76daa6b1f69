package render

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"example.com/stagecraft/internal/catalog"
)

// Fix is the command that ends every drift.
const Fix = "go tool mage render"

// marker starts the second line of a rendered Dockerfile, before the template's path, so that one whose service is gone can be told from one that a
// person wrote.
const marker = "# Rendered from "

// serviceIsGone is what is wrong with a file that no service has any more.
const serviceIsGone = "was rendered for a service that is gone"

// Drift lists, sorted, the files that differ from what the catalog renders: changed, missing, or left by a service that
// is gone. Check says the same in words.
func Drift(root string, repository catalog.Repository) ([]string, error) {
	changes, err := compare(root, repository)
	paths := make([]string, len(changes))
	for i, change := range changes {
		paths[i] = change.path
	}
	return paths, err
}

// Check is nil when nothing has drifted; otherwise its error has one line for each file, with the command that fixes it.
func Check(root string, repository catalog.Repository) error {
	changes, err := compare(root, repository)
	problems := []error{err}
	for _, change := range changes {
		problems = append(problems, fmt.Errorf("%s: %s; run: %s", change.path, change.what, Fix))
	}
	return errors.Join(problems...)
}

// change is one file that does not follow from the catalog.
type change struct {
	path    string
	what    string
	content []byte // as it should be; nil for a file that should not be there
}

func compare(root string, repository catalog.Repository) ([]change, error) {
	files, err := Files(root, repository)
	if err != nil {
		return nil, err
	}
	var changes []change
	for path, want := range files {
		have, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(path)))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			changes = append(changes, change{path, "is missing", want})
		case err != nil:
			return nil, fmt.Errorf("looking for drift: %w", err)
		case !bytes.Equal(have, want):
			changes = append(changes, change{path, fmt.Sprintf("line %d is not what is rendered", firstDifference(have, want)), want})
		}
	}
	strays, err := strays(root, repository)
	if err != nil {
		return nil, err
	}
	changes = append(changes, strays...)
	changes = append(changes, strayManifests(root, files)...)
	slices.SortFunc(changes, func(a, b change) int { return strings.Compare(a.path, b.path) })
	return changes, nil
}

// firstDifference is the first line in which two texts differ.
func firstDifference(a, b []byte) int {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	return 1 + bytes.Count(a[:i], []byte("\n"))
}

// strays finds rendered Dockerfiles whose folder is no longer in the catalog. One whose service is now `dockerfile: own` is
// not among them: a person keeps it.
func strays(root string, repository catalog.Repository) ([]change, error) {
	known := map[string]bool{}
	for _, service := range repository.All() {
		known[service.Dir] = true
	}
	var changes []change
	for _, parent := range catalog.Folders {
		folders, err := os.ReadDir(filepath.Join(root, parent))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("looking for drift: %w", err)
		}
		for _, folder := range folders {
			dir := path.Join(parent, folder.Name())
			if known[dir] || !folder.IsDir() {
				continue
			}
			// A file that cannot be read was not rendered either.
			content, _ := os.ReadFile(filepath.Join(root, filepath.FromSlash(dir), "Dockerfile"))
			if _, rest, _ := strings.Cut(string(content), "\n"); strings.HasPrefix(rest, marker+"dockerfiles/") {
				changes = append(changes, change{path: dir + "/Dockerfile", what: serviceIsGone})
			}
		}
	}
	return changes, nil
}
