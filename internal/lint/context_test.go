package lint

import (
	"os"
	"path/filepath"
	"testing"

	"example.com/stagecraft/internal/finding"
)

// A .dockerignore next to Dockerfiles is judged without a context, once, under its own name; where there is none, nobody knows
// what the context is.
func TestIgnoreFileBesideDockerfiles(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		files map[string]string
		want  []string
	}{
		"none":         {map[string]string{"Dockerfile": ""}, nil},
		"denies all":   {map[string]string{"Dockerfile": "", ".dockerignore": "*\n!src\n"}, nil},
		"of several":   {map[string]string{"Dockerfile": "", "Dockerfile.web": "", ".dockerignore": ".git\n"}, []string{".dockerignore"}},
		"of its own":   {map[string]string{"Dockerfile": "", "Dockerfile.dockerignore": ".git\n", ".dockerignore": "*\n"}, []string{"Dockerfile.dockerignore"}},
		"some waive":   {map[string]string{"Dockerfile": waived, "Dockerfile.web": "", ".dockerignore": ".git\n"}, []string{".dockerignore"}},
		"all waive it": {map[string]string{"Dockerfile": waived, ".dockerignore": ".git\n"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			for file, head := range tt.files {
				text := head
				if isDockerfile(file) {
					text += "FROM scratch\nCOPY x /\n"
				}
				if err := os.WriteFile(filepath.Join(root, file), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			report, err := Files([]string{root}, "", nil)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range report.Findings {
				if f.Rule == contextRule.Key || f.Rule == finding.WaiverRule.Key {
					got = append(got, filepath.Base(f.Place()))
				}
			}
			if len(got) != len(tt.want) || len(got) > 0 && got[0] != tt.want[0] {
				t.Errorf("reported for %v, want %v", got, tt.want)
			}
		})
	}
}

const waived = "# stagecraft: allow=context all of it is public\n\n"
