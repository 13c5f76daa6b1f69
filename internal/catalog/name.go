package catalog

import (
	"fmt"
	"strings"
)

// maxName is the length of a DNS label: a service's name is also a host's.
const maxName = 63

// NameProblem says what is wrong with the name of a service, which becomes part of image tags and of targets in
// docker-bake.json, and what may be better; both are empty for a good one.
func NameProblem(name string) (problem, better string) {
	if !word.MatchString(name) {
		return "lower-case letters, digits and single hyphens", suggestName(name)
	}
	if len(name) > maxName {
		return fmt.Sprintf("at most %d characters", maxName), ""
	}
	if name == "default" || name == "test" {
		return name + " is a group of docker-bake.json", ""
	}
	for _, suffix := range []string{"-test", "-amd64", "-arm64"} {
		if strings.HasSuffix(name, suffix) {
			return fmt.Sprintf("names that end in %s are for targets of docker-bake.json", suffix), ""
		}
	}
	return "", ""
}

// checkName says what is wrong with a folder's name; "" if nothing.
func checkName(name string) string {
	problem, better := NameProblem(name)
	switch {
	case problem == "":
		return ""
	case better == "":
		return "the folder's name is the service's: " + problem + "; rename the folder"
	default:
		return "the folder's name is the service's: " + problem + "; rename the folder to " + better
	}
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
