package catalog

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// templateSuffix ends the name of every template: dockerfiles/LANGUAGE.Dockerfile.
const templateSuffix = ".Dockerfile"

// word is the form of names that become parts of image tags, targets and files.
var word = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// Languages lists, sorted, the languages that have a template below root.
func Languages(root string) ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(root, "dockerfiles"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("looking for templates: %w", err)
	}
	var languages []string
	for _, entry := range entries {
		if language, ok := strings.CutSuffix(entry.Name(), templateSuffix); ok && word.MatchString(language) {
			languages = append(languages, language)
		}
	}
	return languages, nil
}

// TemplatePath is the template of a language, relative to the repository's root, with forward slashes.
func (l Language) TemplatePath() string {
	return "dockerfiles/" + string(l) + templateSuffix
}

// exists reports whether there is something at path, which has forward slashes, below root.
func exists(root, path string) bool {
	_, err := os.Stat(filepath.Join(root, filepath.FromSlash(path)))
	return err == nil
}
