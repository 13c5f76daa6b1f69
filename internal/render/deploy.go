package render

import (
	"bytes"
	"maps"
	"slices"
	"text/template"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/deploy"
)

// deployFiles renders what deploys the services. A repository without the folder has none of it.
func deployFiles(root string, repository catalog.Repository, probe func(catalog.Service) []string) (map[string][]byte, error) {
	if !deploy.Exists(root) {
		return nil, nil
	}
	images, err := deploy.Load(root)
	if err != nil {
		return nil, err
	}
	files, err := kubernetes(repository.Project, repository.Services, images, probe)
	if err != nil {
		return nil, err
	}
	files[DeployedCompose], err = deployedCompose(repository.Services, images)
	return files, err
}

// DeployedCompose is what compose.yaml is overridden with to run published images, relative to the repository's root.
const DeployedCompose = deploy.Dir + "/compose.yaml"

var deployedTemplate = template.Must(template.New(DeployedCompose).Funcs(manifestFuncs).Parse(
	`# Rendered from ` + deploy.ImagesFile + ` by ` + "`go tool mage render`" + `: docker compose -f compose.yaml -f ` + DeployedCompose + ` up --detach
services:{{range .}}
  {{word .Name}}: {image: {{text .Image}}, build: !reset null{{if .RunsOn}}, restart: unless-stopped{{end}}}
{{- else}} {}
{{- end}}
`))

// deployedCompose renders the override.
func deployedCompose(services []catalog.Service, images deploy.Images) ([]byte, error) {
	type deployed struct {
		Name, Image string
		RunsOn      bool
	}
	var all []deployed
	for _, s := range services {
		image, ok := images[s.Name]
		if !ok {
			continue
		}
		all = append(all, deployed{s.Name, string(image), !s.IsJob(s.Name)})
		for _, name := range slices.Sorted(maps.Keys(s.Commands)) {
			all = append(all, deployed{CommandService(s, name), string(image), !s.IsJob(name)})
		}
	}
	var content bytes.Buffer
	err := deployedTemplate.Execute(&content, all)
	return content.Bytes(), err
}
