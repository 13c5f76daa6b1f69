package catalog

import (
	"strings"
	"testing"
)

// Whatever a service.yaml holds, reading it ends with a service or with problems of one line each; and what the loader
// accepts, the schema accepts.
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
	schema, root := compileSchema(f), f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		r := &reader{file: "service.yaml"}
		node, ok := r.document(data)
		if ok {
			service := r.service(node)
			r.template(root, node, service, []string{"node", "python"})
		}
		for _, problem := range r.problems {
			if problem.Line < 1 || problem.Line > strings.Count(string(data), "\n")+strings.Count(string(data), "\r")+2 || strings.ContainsAny(problem.String(), "\n\r\x00") {
				t.Errorf("not a line that helps: %q", problem)
			}
		}
		if len(r.problems) > 0 {
			return
		}
		value, ok := plain(string(data))
		if err := schema.Validate(value); !ok || err != nil {
			t.Errorf("the loader accepts this, the schema does not: %v\n%s", err, data)
		}
	})
}
