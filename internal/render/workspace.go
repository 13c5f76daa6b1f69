package render

import (
	"errors"
	"fmt"
	"go/version"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// WorkFile is the rendered Go workspace, relative to the repository's root.
const WorkFile = "go.work"

// workPatterns are the folders whose Go modules the workspace lists. Examples are not among them: a workspace that names a
// folder that was deleted stops every go command.
var workPatterns = []string{".", "bare", "libs/*", "services/*"}

// goLine is the language version of a go.mod.
var goLine = regexp.MustCompile(`(?m)^go\s+(\S+)`)

// workspace renders go.work: every module of the repository, for one editor window over all of them. It is nil where the
// root is no module. Builds and tests set GOWORK=off: a module's own go.mod decides there.
// Source of the format: https://go.dev/ref/mod#go-work-file
func workspace(root string) ([]byte, error) {
	if _, err := os.Stat(filepath.Join(root, "go.mod")); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	newest := ""
	var folders []string
	for _, pattern := range workPatterns {
		files, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern), "go.mod"))
		if err != nil {
			return nil, fmt.Errorf("looking for Go modules: %w", err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				return nil, fmt.Errorf("looking for Go modules: %w", err)
			}
			if match := goLine.FindSubmatch(data); len(match) == 2 && version.Compare("go"+string(match[1]), "go"+newest) > 0 {
				newest = string(match[1])
			}
			folder, err := filepath.Rel(root, filepath.Dir(file))
			if err != nil {
				return nil, fmt.Errorf("looking for Go modules: %w", err)
			}
			folders = append(folders, filepath.ToSlash(folder))
		}
	}
	slices.Sort(folders)
	var b strings.Builder
	fmt.Fprintf(&b, "// Rendered by `go tool mage render`: every Go module, for one editor window over all of them. Builds and tests ignore it\n")
	fmt.Fprintf(&b, "// (GOWORK=off). After deleting a folder by hand: GOWORK=off go tool mage render\n")
	if newest != "" {
		fmt.Fprintf(&b, "go %s\n\n", newest)
	}
	b.WriteString("use (\n")
	for _, folder := range folders {
		if folder != "." {
			folder = "./" + folder
		}
		fmt.Fprintf(&b, "\t%s\n", folder)
	}
	b.WriteString(")\n")
	return []byte(b.String()), nil
}
