package lint

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"example.com/stagecraft/internal/dockerfile"
)

// bareName reports whether a reference can be the name of a context: an image of one word, without tag and folder.
func bareName(ref string) bool { return !strings.ContainsAny(ref, "/:@") }

// isBase reports whether a reference stands in a FROM, where a named context is rare.
func (d *Dockerfile) isBase(b dockerfile.Base) bool {
	return slices.ContainsFunc(d.Stages, func(s *dockerfile.Stage) bool { return s.Line == b.Line })
}

// isNamedContext reports whether a bake or Compose file declares a reference as a named context.
func (d *Dockerfile) isNamedContext(ref string) bool {
	if d.contexts == nil {
		d.contexts = map[string]bool{}
		readContexts(d.Folder, ".", d.contexts)
		for _, dir := range slices.Compact([]string{".", path.Dir(d.Name)}) {
			readContexts(d.Context, dir, d.contexts)
		}
	}
	return d.contexts[ref]
}

// readContexts adds the named contexts that the bake and Compose files of a folder declare. Files that cannot be read declare none.
func readContexts(files fs.FS, dir string, into map[string]bool) {
	if files == nil {
		return
	}
	for name, read := range map[string]func([]byte) []string{
		"compose.yaml": composeContexts, "compose.yml": composeContexts, "docker-compose.yaml": composeContexts, "docker-compose.yml": composeContexts,
		"docker-bake.json": bakeContexts, "docker-bake.override.json": bakeContexts, "docker-bake.hcl": hclContexts, "docker-bake.override.hcl": hclContexts,
	} {
		data, err := fs.ReadFile(files, path.Join(dir, name))
		if err != nil || len(data) > maxChecked {
			continue
		}
		for _, key := range read(data) {
			into[strings.TrimPrefix(key, "docker-image://")] = true
		}
	}
}

// composeContexts are the keys of services.*.build.additional_contexts, a map or a list of NAME=PATH.
func composeContexts(data []byte) []string {
	var file struct {
		Services map[string]struct {
			Build yaml.Node `yaml:"build"`
		} `yaml:"services"`
	}
	if yaml.Unmarshal(data, &file) != nil {
		return nil
	}
	var all []string
	for _, service := range file.Services {
		var asMap struct {
			Contexts map[string]string `yaml:"additional_contexts"`
		}
		var asList struct {
			Contexts []string `yaml:"additional_contexts"`
		}
		if service.Build.Decode(&asMap) == nil {
			all = slices.AppendSeq(all, maps.Keys(asMap.Contexts))
		} else if service.Build.Decode(&asList) == nil {
			for _, pair := range asList.Contexts {
				name, _, _ := strings.Cut(pair, "=")
				all = append(all, name)
			}
		}
	}
	return all
}

// bakeContexts are the keys of target.*.contexts in a bake file in JSON.
func bakeContexts(data []byte) []string {
	var file struct {
		Target map[string]struct {
			Contexts map[string]string `json:"contexts"`
		} `json:"target"`
	}
	if json.NewDecoder(bytes.NewReader(data)).Decode(&file) != nil {
		return nil
	}
	var all []string
	for _, target := range file.Target {
		all = slices.AppendSeq(all, maps.Keys(target.Contexts))
	}
	return all
}

var (
	hclBlock = regexp.MustCompile(`(?m)^\s*contexts\s*=\s*\{([^}]*)\}`)
	hclKey   = regexp.MustCompile(`(?m)(?:^|[,{\n])\s*"?([\w./:@-]+)"?\s*[=:]`)
)

// hclContexts are the keys of contexts = {...} in a bake file in HCL.
func hclContexts(data []byte) []string {
	var all []string
	for _, block := range hclBlock.FindAllSubmatch(data, -1) {
		for _, key := range hclKey.FindAllSubmatch(block[1], -1) {
			all = append(all, string(key[1]))
		}
	}
	return all
}
