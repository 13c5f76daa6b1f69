package vex

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const good = `{
  "@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://example.com/vex/1", "author": "Team", "timestamp": "2026-11-28T00:00:00Z", "version": 1,
  "statements": [{
    "vulnerability": {"name": "CVE-2026-1234"}, "products": [{"@id": "pkg:oci/hello", "subcomponents": [{"@id": "pkg:npm/a@1"}]}],
    "status": "not_affected", "justification": "component_not_present"
  }]
}`

func TestParse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, old, with, want string }{
		{"good", "", "", ""},
		{"a reason in words", `"justification": "component_not_present"`, `"impact_statement": "it is never loaded"`, ""},
		{"no JSON", good, "no", "invalid character"},
		{"two documents", good, good + good, "behind the document"},
		{"an unknown key", `"author"`, `"writer"`, `unknown field "writer"`},
		{"another format", "https://openvex.dev/ns/v0.2.0", "https://cyclonedx.org", "@context"},
		{"no id", "https://example.com/vex/1", "", "@id"},
		{"no author", `"Team"`, `""`, "author"},
		{"no time", `"timestamp": "2026-11-28T00:00:00Z", `, "", "timestamp"},
		{"no version", `"version": 1`, `"version": 0`, "version"},
		{"no name", "CVE-2026-1234", "", "statement 1: vulnerability.name"},
		{"no product", `"products": [{"@id": "pkg:oci/hello", "subcomponents": [{"@id": "pkg:npm/a@1"}]}],`, "", "products"},
		{"no reason", `, "justification": "component_not_present"`, "", "requires a reason"},
		{"an unknown reason", "component_not_present", "because", "choose from component_not_present"},
		{"an unknown status", `"not_affected"`, `"ignored"`, "choose from not_affected"},
		{"affected, and nothing to do", `"not_affected"`, `"affected"`, "action_statement"},
	} {
		if !strings.Contains(good, c.old) {
			t.Fatalf("%s: there is no %s", c.name, c.old)
		}
		d, err := Parse([]byte(strings.Replace(good, c.old, c.with, 1)))
		switch {
		case c.want == "" && (err != nil || d.Statements[0].Products[0].Subcomponents[0].ID != "pkg:npm/a@1"):
			t.Errorf("%s: %+v, %v", c.name, d, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: the error is %v, want one with %s", c.name, err, c.want)
		}
	}
}

func TestLoad(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	dir := filepath.Join(root, "services", "a")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for n, folder := range []string{"", root, dir} {
		if folder != "" {
			if err := os.WriteFile(filepath.Join(folder, File), []byte(good), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if all, err := Load(root, "services/a"); err != nil || len(all) != n {
			t.Errorf("%d documents, want %d: %v", len(all), n, err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, File), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(root, "services/a"); err == nil || !strings.HasPrefix(err.Error(), "read services/a/"+File+": ") {
		t.Errorf("the error is %v, want one that names the file", err)
	}
}
