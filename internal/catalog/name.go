package catalog

import (
	"fmt"
	"strings"
)

// maxName is the length of a DNS label: a service's name is also a host's.
const maxName = 63

// checkName says what is wrong with a folder's name, which becomes part of image tags and of targets in
// docker-bake.json; "" if nothing.
func checkName(name string) string {
	if !word.MatchString(name) {
		return "the folder's name is the service's: lower-case letters, digits and single hyphens; rename the folder to " + suggestName(name)
	}
	if len(name) > maxName {
		return fmt.Sprintf("the folder's name is the service's: at most %d characters; rename the folder", maxName)
	}
	if name == "default" || name == "test" {
		return fmt.Sprintf("%s is a group of docker-bake.json; rename the folder", name)
	}
	for _, suffix := range []string{"-test", "-amd64", "-arm64"} {
		if strings.HasSuffix(name, suffix) {
			return fmt.Sprintf("names that end in %s are for targets of docker-bake.json; rename the folder", suffix)
		}
	}
	return ""
}

// suggestName turns any name into a valid one.
func suggestName(name string) string {
	parts := strings.FieldsFunc(strings.ToLower(name), func(char rune) bool {
		return (char < 'a' || char > 'z') && (char < '0' || char > '9')
	})
	suggestion := strings.TrimLeft(strings.Join(parts, "-"), "0123456789-")
	if suggestion == "" {
		return "my-service"
	}
	return suggestion
}
