package outdated

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// Npm is the registry that npm on this machine uses.
// Source: https://github.com/npm/registry/blob/main/docs/responses/package-metadata.md
func Npm() Ecosystem {
	settings := npmSettings()
	return Ecosystem{
		Name: "npm", Compare: compareNumbers,
		Latest: func(ctx context.Context, names []string) (map[string]Versions, error) {
			return each(ctx, names, func(ctx context.Context, name string) (Versions, error) {
				address, header := settings.request(name)
				var p npmPackage
				if err := getJSON(ctx, address, header, &p); err != nil {
					return Versions{}, err
				}
				if !release.MatchString(p.Tags["latest"]) {
					return Versions{}, fmt.Errorf("the npm registry says that the latest version of %s is %q", name, p.Tags["latest"])
				}
				return p.versions(), nil
			})
		},
	}
}

// npmPackage is what a registry tells of a package.
type npmPackage struct {
	Tags     map[string]string `json:"dist-tags"`
	Versions map[string]struct{ Deprecated any }
}

func (p npmPackage) versions() Versions {
	found := Versions{Latest: p.Tags["latest"]}
	for version, v := range p.Versions {
		// What is newer than the latest was published for those who ask for it by name.
		if release.MatchString(version) && v.Deprecated == nil && compareNumbers(found.Latest, version) == "" {
			found.Older = append(found.Older, version)
		}
	}
	return found
}

// npmConfig is what npm's settings say of registries.
type npmConfig map[string]string

// npmSettings are those of the user's .npmrc and the environment.
// Source: https://docs.npmjs.com/cli/configuring-npm/npmrc
func npmSettings() npmConfig {
	config := npmConfig{"registry": "https://registry.npmjs.org/"}
	home, _ := os.UserHomeDir()
	file, err := os.Open(cmp.Or(os.Getenv("NPM_CONFIG_USERCONFIG"), os.Getenv("npm_config_userconfig"), filepath.Join(home, ".npmrc")))
	if err == nil {
		defer file.Close()
		for lines := bufio.NewScanner(file); lines.Scan(); {
			key, value, ok := strings.Cut(lines.Text(), "=")
			if key = strings.TrimSpace(key); ok && !strings.HasPrefix(key, "#") && !strings.HasPrefix(key, ";") {
				config[key] = os.ExpandEnv(strings.Trim(strings.TrimSpace(value), `"'`))
			}
		}
	}
	for _, name := range []string{"npm_config_registry", "NPM_CONFIG_REGISTRY"} {
		config["registry"] = cmp.Or(os.Getenv(name), config["registry"])
	}
	return config
}

// request is where to ask for a package, and with what.
func (c npmConfig) request(name string) (address string, header http.Header) {
	registry := c["registry"]
	if scope, _, scoped := strings.Cut(name, "/"); scoped {
		registry = cmp.Or(c[scope+":registry"], registry)
	}
	registry = strings.TrimSuffix(registry, "/") + "/"
	header = http.Header{"Accept": {"application/vnd.npm.install-v1+json, application/json;q=0.5"}}
	_, place, _ := strings.Cut(registry, ":")
	if token := c[place+":_authToken"]; token != "" {
		header.Set("Authorization", "Bearer "+token)
	}
	return registry + strings.ReplaceAll(url.PathEscape(name), "%40", "@"), header
}
