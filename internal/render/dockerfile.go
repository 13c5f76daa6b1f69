package render

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"

	"example.com/stagecraft/internal/catalog"
)

// readTemplate reads and checks the template at path, relative to root.
func readTemplate(root, path string) (*template.Template, error) {
	data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(path)))
	if err != nil {
		return nil, fmt.Errorf("reading a template: %w", err)
	}
	// By this line, Drift distinguishes a rendered Dockerfile from one that a person wrote.
	if _, rest, _ := strings.Cut(string(data), "\n"); !strings.HasPrefix(rest, marker+path+": ") {
		return nil, fmt.Errorf("%s:2: must be the line %q", path, marker+path+": change that, or write `dockerfile: own` in service.yaml.")
	}
	parsed, err := template.New(path).Option("missingkey=error").Parse(string(data))
	if err != nil {
		// text/template says `template: dockerfiles/go.Dockerfile:12: what is wrong`.
		return nil, errors.New(strings.TrimPrefix(err.Error(), "template: "))
	}
	if err := onlyValues(path, data, parsed.Root); err != nil {
		return nil, err
	}
	return parsed, nil
}

// unused is an error when a service states a fact that its template has no value for: the image would lack it.
func unused(t *template.Template, service catalog.Service) error {
	text := t.Root.String()
	var problems []error
	for _, fact := range []struct {
		key, value string
		count      int
	}{
		{"command", ".Command", len(service.Command)},
		{"uses", ".Sources", len(service.Uses)},
		{"files", ".Files", len(service.Files)},
		{"packages", ".Packages", len(service.Packages)},
		{"build_packages", ".BuildPackages", len(service.BuildPackages)},
		{"health.probe", ".Probe", len(service.Health.Probe)},
	} {
		if fact.count > 0 && !strings.Contains(text, fact.value) {
			problems = append(problems, fmt.Errorf("%s/service.yaml: %s: %s does not use {{%s}}, so this would have no effect; remove it, or add the value to the template",
				service.Dir, fact.key, t.Name(), fact.value))
		}
	}
	return errors.Join(problems...)
}

// dockerfile renders one service's Dockerfile.
func dockerfile(t *template.Template, values Values) ([]byte, error) {
	var content bytes.Buffer
	err := t.Execute(&content, values)
	return content.Bytes(), err
}
