package catalog

import (
	"strings"
	"testing"
)

// Whatever a service.yaml holds, reading it ends with a service or with problems of one line each; and what the schema
// accepts, the types in Go accept.
func FuzzService(f *testing.F) {
	f.Add([]byte(fullDocument(f)))
	for _, c := range badCases {
		f.Add([]byte(edited(f, c.old, c.new)))
	}
	for _, c := range goodCases {
		f.Add([]byte(edited(f, c.old, c.new)))
	}
	f.Add([]byte("a: &a [*a]"))
	f.Add([]byte("? [x]\n: {<<: [*x, {}]}"))
	f.Add([]byte("\x00"))
	f.Add([]byte("port: 1e999999999"))
	f.Add([]byte("size: {linux/amd64: !!binary aGk=, linux/arm64: !x {}}"))
	root := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		d, service := read("service.yaml", data), Service{}
		if d.root != nil {
			d.validate(serviceSchema)
			d.decode(&service)
			d.facts(service, Project{Platforms: Platforms})
			d.surroundings(root, service, []string{"node", "python"})
			d.neighbours(service, map[string]Service{})
		}
		for _, problem := range d.sorted() {
			if problem.Line < 1 || problem.Line > strings.Count(string(data), "\n")+strings.Count(string(data), "\r")+2 || strings.ContainsAny(problem.String(), "\n\r\x00") {
				t.Errorf("not a line that helps: %q", problem)
			}
			if strings.Contains(problem.Message, "not its type in internal/catalog") {
				t.Errorf("what is left of an invalid document is not decoded: %s\n%s", problem.Message, data)
			}
		}
	})
}
