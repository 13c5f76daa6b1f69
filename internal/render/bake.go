package render

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"

	"example.com/stagecraft/internal/catalog"
)

// SourceDateEpoch is 2026-01-01T00:00:00Z, the time that every file of every image bears. It is a constant: BuildKit's
// cache does not see a changed time, so that a moving one would mix old layers with new ones.
const SourceDateEpoch = 1767225600

// bake is docker-bake.json. Keys come out in the order of the fields, map keys sorted.
type bake struct {
	Comment string            `json:"//"`
	Group   map[string]group  `json:"group"`
	Target  map[string]target `json:"target,omitempty"` // bake takes no empty one
}

type group struct {
	Targets []string `json:"targets"`
}

type target struct {
	Description string            `json:"description"`
	Context     string            `json:"context"`
	Dockerfile  string            `json:"dockerfile"`
	Target      string            `json:"target"`
	Platforms   []string          `json:"platforms,omitempty"`
	Args        map[string]string `json:"args"`
	Tags        []string          `json:"tags,omitempty"`
	Output      []string          `json:"output,omitempty"`
	Attest      []string          `json:"attest"`
}

// literal escapes what bake would evaluate in a string.
var literal = strings.NewReplacer("${", "$${", "%{", "%%{")

// bakeFile renders the bake file of a catalog: per service one target for its image and one for its tests. Paths in it are
// relative to the repository's root, where bake is run.
func bakeFile(folder string, platforms []catalog.Platform, services []catalog.Service) ([]byte, error) {
	images, tests := []string{}, []string{}
	targets := make(map[string]target, 2*len(services))
	for _, service := range services {
		image := target{
			Description: literal.Replace(service.Description),
			Context:     ".",
			Dockerfile:  service.Dir + "/Dockerfile",
			Target:      "runtime",
			Args:        map[string]string{"SOURCE_DATE_EPOCH": strconv.Itoa(SourceDateEpoch)},
			Tags:        []string{service.Image()},
			// Provenance holds the time of the build: with it, no two builds would be the same.
			Attest: []string{"type=provenance,disabled=true"},
		}
		for _, platform := range platforms {
			image.Platforms = append(image.Platforms, string(platform))
		}
		// The tests run on the build platform and leave nothing behind.
		test := image
		test.Description, test.Target = "Tests of "+service.Name, "test"
		test.Platforms, test.Tags, test.Output = nil, nil, []string{"type=cacheonly"}

		targets[service.Name], targets[TestTarget(service)] = image, test
		images, tests = append(images, service.Name), append(tests, TestTarget(service))
	}

	var content bytes.Buffer
	encoder := json.NewEncoder(&content)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(bake{
		Comment: "Rendered from " + folder + "/*/service.yaml by `go tool mage render`: change those.",
		Group:   map[string]group{"default": {images}, "test": {tests}},
		Target:  targets,
	})
	return content.Bytes(), err
}

// TestTarget is the name of the bake target that runs a service's own linters and tests.
func TestTarget(service catalog.Service) string { return service.Name + "-test" }
