package catalog

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// templateSuffix ends the name of every template: dockerfiles/LANGUAGE.Dockerfile.
const templateSuffix = ".Dockerfile"

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

// exists tells whether there is something at path, which has forward slashes, below root.
func exists(root, path string) bool {
	_, err := os.Stat(filepath.Join(root, filepath.FromSlash(path)))
	return err == nil
}

// template checks that the service's Dockerfile has a source: its language's template, or itself.
func (r *reader) template(root string, n *yaml.Node, s Service, languages []string) {
	language := string(s.Language)
	switch {
	case s.Dockerfile == Own && !exists(root, s.Dir+"/Dockerfile"):
		r.add(valueOf(n, "dockerfile"), "dockerfile", "is own, but %s/Dockerfile is not there; write it, or use rendered", s.Dir)
	case s.Dockerfile == Own && language != "" && !word.MatchString(language):
		r.add(valueOf(n, "language"), "language", "is %s; write %s", quote(language), word.want)
	case s.Dockerfile == Rendered && language != "" && !slices.Contains(languages, language):
		r.add(valueOf(n, "language"), "language", "%s has no template, dockerfiles/%s%s; %s",
			quote(language), unquote(language), templateSuffix, Hint(language, languages))
	}
}

// valueOf is the value of a key of a mapping, or the mapping itself when the key is not written there.
func valueOf(n *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return n
}
