package render

import (
	"bytes"
	_ "embed"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"text/template"

	"go.yaml.in/yaml/v4"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/deploy"
)

// What kustomize builds upon: base has every service, and no images; one of the components chooses those of an engine, the other
// one those that are published. Overlays are written by people.
const (
	kustomizeBase      = deploy.Dir + "/base"
	kustomizeManifests = kustomizeBase + "/services"
	kustomizeEngine    = deploy.Dir + "/images/engine"
	kustomizePublished = deploy.Dir + "/images/published"
)

// placeholder is where the images of the base are: nowhere, so that one that no component chooses is never pulled.
const placeholder = "unpublished.invalid/"

var (
	//go:embed workload.yaml
	workloadText string
	//go:embed namespace.yaml
	namespaceText string

	workloadTemplate  = template.Must(template.New("workload.yaml").Funcs(manifestFuncs).Parse(workloadText))
	namespaceTemplate = template.Must(template.New("namespace.yaml").Funcs(manifestFuncs).Parse(namespaceText))
)

// manifestFuncs write values into manifests. JSON is YAML.
var manifestFuncs = template.FuncMap{
	"word": yamlWord, "text": quoteJSON, "list": exec,
	"spread": func() []string { return []string{"topology.kubernetes.io/zone", "kubernetes.io/hostname"} },
}

// yamlWord writes a name, in quotes where YAML would take it for something else, such as null.
func yamlWord(word string) (string, error) {
	content, err := yaml.Dump(word, yaml.WithV4Defaults())
	return strings.TrimSpace(string(content)), err
}

// kubernetes renders what a cluster needs. probe is the command of the HEALTHCHECK of a service's image; nil if there is none.
func kubernetes(project catalog.Project, services []catalog.Service, images deploy.Images, probe func(catalog.Service) []string) (map[string][]byte, error) {
	base := kustomization{Kind: "Kustomization", Namespace: project.Name, Resources: []string{"namespace.yaml"}}
	base.Labels = []kustomizeLabels{{Pairs: map[string]string{"app.kubernetes.io/part-of": project.Name}, IncludeTemplates: true}}
	engine := kustomization{Kind: "Component", Metadata: map[string]string{"name": "engine"}}
	published := kustomization{Kind: "Component", Metadata: map[string]string{"name": "published"}}

	files := map[string][]byte{}
	var problems []error
	execute := func(file string, t *template.Template, values any) {
		var content bytes.Buffer
		problems = append(problems, t.Execute(&content, values))
		files[file] = content.Bytes()
	}
	execute(kustomizeBase+"/namespace.yaml", namespaceTemplate, project)
	for _, s := range services {
		w, err := newWorkload(s, services, probe(s))
		problems = append(problems, err)
		execute(kustomizeManifests+"/"+s.Name+".yaml", workloadTemplate, w)
		base.Resources = append(base.Resources, "services/"+s.Name+".yaml")
		image, tag, _ := strings.Cut(s.Image(), ":")
		engine.Images = append(engine.Images, kustomizeImage{Name: placeholder + s.Name, NewName: image, NewTag: tag})
		if image, ok := images[s.Name]; ok {
			published.Images = append(published.Images, kustomizeImage{Name: placeholder + s.Name, NewName: image.Repository(), Digest: image.Digest()})
		}
	}
	for folder, k := range map[string]kustomization{kustomizeBase: base, kustomizeEngine: engine, kustomizePublished: published} {
		content, err := k.render()
		problems = append(problems, err)
		files[folder+"/kustomization.yaml"] = content
	}
	return files, errors.Join(problems...)
}

// kustomization is kustomization.yaml. Source: https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/
type kustomization struct {
	APIVersion string            `yaml:"apiVersion"`
	Kind       string            `yaml:"kind"`
	Metadata   map[string]string `yaml:"metadata,flow,omitempty"` // kustomize refuses a component that has nothing
	Namespace  string            `yaml:"namespace,omitempty"`
	Labels     []kustomizeLabels `yaml:"labels,omitempty"`
	Resources  []string          `yaml:"resources,omitempty"`
	Images     []kustomizeImage  `yaml:"images,omitempty"`
}

type kustomizeLabels struct {
	Pairs            map[string]string `yaml:"pairs,flow"`
	IncludeTemplates bool              `yaml:"includeTemplates"`
}

type kustomizeImage struct {
	Name    string `yaml:"name"`
	NewName string `yaml:"newName"`
	NewTag  string `yaml:"newTag,omitempty"`
	Digest  string `yaml:"digest,omitempty"`
}

const kustomizeComment = "# Rendered from services/*/service.yaml and " + deploy.ImagesFile + " by `go tool mage render`.\n"

func (k kustomization) render() ([]byte, error) {
	k.APIVersion = "kustomize.config.k8s.io/v1beta1"
	if k.Kind == "Component" {
		k.APIVersion = "kustomize.config.k8s.io/v1alpha1"
	}
	content, err := yaml.Dump(k, yaml.WithV4Defaults(), yaml.WithLineWidth(-1))
	return append([]byte(kustomizeComment), content...), err
}

// strayManifests finds the manifests of services that are gone.
func strayManifests(root string, files map[string][]byte) []change {
	found, _ := filepath.Glob(filepath.Join(root, filepath.FromSlash(kustomizeManifests), "*.yaml")) // the pattern is a good one
	var changes []change
	for _, file := range found {
		path := kustomizeManifests + "/" + filepath.Base(file)
		if content, _ := os.ReadFile(file); files[path] == nil && bytes.HasPrefix(content, []byte(marker)) {
			changes = append(changes, change{path: path, what: serviceIsGone})
		}
	}
	return changes
}
