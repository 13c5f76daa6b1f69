package starter

import "strings"

// tooling are the files and folders that a repository takes from upstream. They keep upstream's names, so that merges of it do
// not conflict.
var tooling = []string{
	".ci", ".github/workflows", ".golangci.yml", "CHANGELOG.md", "bare", "bench", "cmd", "dockerfiles", "docs/docs.go", "docs/project.schema.json", "docs/rules.md",
	"docs/service.schema.json", "docs/tour.sh", "go.mod", "go.sum", "integration", "internal", "magefile.go", "tools",
}

// isTooling reports whether a path belongs to the tooling.
func isTooling(name string) bool { return owner(name) != "" }

// owner is the element of tooling that a path is or is in; "" if none.
func owner(name string) string {
	for _, t := range tooling {
		if name == t || strings.HasPrefix(name, t+"/") {
			return t
		}
	}
	return ""
}
