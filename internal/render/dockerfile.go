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

// values are what a template may fill in. The catalog holds all but the description to characters that are safe anywhere
// in a Dockerfile.
type values struct {
	Name        string
	Description string // escaped for use between double quotes
	Port        int
	Live        string
	Ready       string
}

// quoted escapes what is special between double quotes, in a LABEL instruction for example.
var quoted = strings.NewReplacer(`\`, `\\`, `"`, `\"`, `$`, `\$`)

// readTemplate reads and checks the template at path, relative to root.
func readTemplate(root, path string) (*template.Template, error) {
	data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(path)))
	if err != nil {
		return nil, fmt.Errorf("reading a template: %w", err)
	}
	// Drift tells a rendered Dockerfile from a written one by this line.
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

// dockerfile renders one service's Dockerfile.
func dockerfile(t *template.Template, service catalog.Service) ([]byte, error) {
	var content bytes.Buffer
	err := t.Execute(&content, values{
		Name:        service.Name,
		Description: quoted.Replace(service.Description),
		Port:        service.Port,
		Live:        service.Health.Live,
		Ready:       service.Health.Ready,
	})
	return content.Bytes(), err
}
