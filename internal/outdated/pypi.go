package outdated

import (
	"bufio"
	"cmp"
	"context"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// PyPI is the index that uv or pip on this machine uses.
// Source: https://packaging.python.org/en/latest/specifications/simple-repository-api/
func PyPI() Ecosystem {
	index := strings.TrimSuffix(pypiIndex(), "/") + "/"
	return Ecosystem{
		Name: "Python", Compare: compareNumbers,
		Latest: func(ctx context.Context, names []string) (map[string]Versions, error) {
			return each(ctx, names, func(ctx context.Context, name string) (Versions, error) {
				var p project
				header := http.Header{"Accept": {"application/vnd.pypi.simple.v1+json"}}
				if err := getJSON(ctx, index+normalized(name)+"/", header, &p); err != nil {
					return Versions{}, err
				}
				return p.versions(), nil
			})
		},
	}
}

// project is what an index tells of a package.
type project struct {
	Versions []string
	Files    []struct {
		Filename string
		Yanked   any // false, true, or why
	}
}

func (p project) versions() Versions {
	var found Versions
	for _, version := range p.Versions {
		if !release.MatchString(version) || p.yanked(version) {
			continue
		}
		found.Older = append(found.Older, version)
		if found.Latest == "" || compareNumbers(found.Latest, version) != "" {
			found.Latest = version
		}
	}
	return found
}

// yanked reports whether all files of a version were withdrawn.
func (p project) yanked(version string) bool {
	yanked := false
	for _, f := range p.Files {
		if !strings.Contains(f.Filename, "-"+version+"-") && !strings.Contains(f.Filename, "-"+version+".") {
			continue
		}
		if f.Yanked == nil || f.Yanked == false {
			return false
		}
		yanked = true
	}
	return yanked
}

var separators = regexp.MustCompile(`[-_.]+`)

func normalized(name string) string { return strings.ToLower(separators.ReplaceAllString(name, "-")) }

// pypiIndex is the index that the environment or pip's settings name.
// Source: https://docs.astral.sh/uv/reference/environment/ and https://pip.pypa.io/en/stable/topics/configuration/
func pypiIndex() string {
	config, _ := os.UserConfigDir()
	index := cmp.Or(os.Getenv("UV_DEFAULT_INDEX"), os.Getenv("UV_INDEX_URL"), os.Getenv("PIP_INDEX_URL"))
	for _, file := range []string{os.Getenv("PIP_CONFIG_FILE"), filepath.Join(config, "pip", "pip.conf"), "/etc/pip.conf"} {
		index = cmp.Or(index, pipSetting(file, "index-url"))
	}
	return cmp.Or(index, "https://pypi.org/simple")
}

func pipSetting(name, key string) string {
	file, err := os.Open(name)
	if err != nil {
		return ""
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if k, value, ok := strings.Cut(lines.Text(), "="); ok && strings.TrimSpace(k) == key {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
