// Package render writes what plain Docker needs from the facts of the catalog: each service's Dockerfile, from the
// template of its language, and docker-bake.json. Both are committed; Drift tells when they no longer follow.
package render

import (
	"errors"
	"text/template"

	"example.com/stagecraft/internal/catalog"
)

// BakeFile is the rendered bake file, relative to the repository's root.
const BakeFile = "docker-bake.json"

// Files renders everything for the repository at root: the content of each file by its path relative to root, with
// forward slashes. A service with `dockerfile: own` has no rendered Dockerfile. The error joins every faulty template's.
func Files(root string, services []catalog.Service) (map[string][]byte, error) {
	files := make(map[string][]byte, len(services)+1)
	templates := map[catalog.Language]*template.Template{}
	var problems []error
	for _, service := range services {
		if service.Dockerfile != catalog.Rendered {
			continue
		}
		t, ok := templates[service.Language]
		if !ok {
			var err error
			t, err = readTemplate(root, service.Language.TemplatePath())
			templates[service.Language] = t
			problems = append(problems, err)
		}
		if t == nil {
			continue
		}
		content, err := dockerfile(t, service)
		files[service.Dir+"/Dockerfile"] = content
		problems = append(problems, err)
	}
	bake, err := bakeFile(services)
	problems = append(problems, err)
	files[BakeFile] = bake
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return files, nil
}
