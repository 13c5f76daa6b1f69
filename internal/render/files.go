// Package render writes what plain Docker and Go need from the facts of the catalog: each service's Dockerfile, from the
// template of its language, docker-bake.json, compose.yaml, manifests for Kubernetes, VS Code's launch.json and go.work. All are committed; Drift lists
// those that no longer follow.
package render

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"text/template"

	"example.com/stagecraft/internal/catalog"
)

// BakeFile is the rendered bake file of a catalog, services or examples, relative to the repository's root.
func BakeFile(catalog string) string {
	if catalog == "services" {
		return "docker-bake.json"
	}
	return catalog + "/docker-bake.json"
}

// Files renders everything for the repository at root: the content of each file by its path relative to root, with
// forward slashes. A service with `dockerfile: own` has no rendered Dockerfile. The error joins every faulty template's.
func Files(root string, repository catalog.Repository) (map[string][]byte, error) {
	files := map[string][]byte{}
	templates := map[catalog.Language]*template.Template{}
	var problems []error
	for _, service := range repository.All() {
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
		content, err := dockerfile(t, newValues(root, repository.Project, service))
		files[service.Dir+"/Dockerfile"] = content
		problems = append(problems, err, unused(t, service))
	}
	for folder, services := range map[string][]catalog.Service{"services": repository.Services, "examples": repository.Examples} {
		if folder == "examples" && len(services) == 0 {
			continue
		}
		bake, err := bakeFile(folder, repository.Project.Platforms, services)
		problems = append(problems, err)
		files[BakeFile(folder)] = bake
	}
	probe := func(s catalog.Service) []string {
		content, rendered := files[s.Dir+"/Dockerfile"]
		if !rendered { // a person's own: where there is none, the build fails
			content, _ = os.ReadFile(filepath.Join(root, filepath.FromSlash(s.Dir), "Dockerfile"))
		}
		return healthCheck(content)
	}
	content, err := composeFile(repository.Project, repository.Services, func(s catalog.Service) bool { return probe(s) != nil })
	problems = append(problems, err)
	files[ComposeFile] = content
	deployed, err := deployFiles(root, repository, probe)
	problems = append(problems, err)
	maps.Copy(files, deployed)
	editor, err := vscode(root, repository.Services)
	problems = append(problems, err)
	maps.Copy(files, editor)
	work, err := workspace(root)
	problems = append(problems, err)
	if work != nil {
		files[WorkFile] = work
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return files, nil
}
