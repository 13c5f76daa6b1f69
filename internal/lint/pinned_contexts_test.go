package lint

import (
	"io/fs"
	"path/filepath"
	"testing"
	"testing/fstest"
)

// opened counts how often each file is opened.
type opened struct {
	fstest.MapFS
	times map[string]int
}

func (o opened) Open(name string) (fs.File, error) {
	o.times[name]++
	return o.MapFS.Open(name)
}

func (o opened) ReadFile(name string) ([]byte, error) {
	o.times[name]++
	return o.MapFS.ReadFile(name)
}

// The files next to a Dockerfile, and those at the root of its context, are read once each.
func TestContextsAreReadOnce(t *testing.T) {
	t.Parallel()
	for name, files := range map[string][]string{"Dockerfile": {"compose.yaml"}, "web/Dockerfile": {"compose.yaml", "web/compose.yaml"}} {
		context := opened{fstest.MapFS{}, map[string]int{}}
		d := &Dockerfile{Path: name, Name: name, Context: context, Now: today}
		for _, text := range []string{"FROM a\n", "FROM b\n"} {
			lintDockerfile(d, []byte(text), []*rule{pinned}, nil)
		}
		for _, file := range files {
			if n := context.times[file]; n != 1 {
				t.Errorf("%s of %s is read %d times", file, name, n)
			}
		}
	}
}

func TestLocate(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for _, tt := range []struct {
		name, context, want string
		folder              bool
	}{
		{filepath.Join(root, "web", "Dockerfile"), root, "web/Dockerfile", false},
		{filepath.Join(root, "web", "Dockerfile"), filepath.Join(root, "api"), "Dockerfile", true},
		{filepath.Join(root, "Dockerfile"), "", "", true},
		{Stdin, "", "", false},
	} {
		var d Dockerfile
		if d.locate(tt.name, tt.context); d.Name != tt.want || (d.Folder != nil) != tt.folder || (d.Context != nil) != (tt.context != "") {
			t.Errorf("%s in %q: %+v", tt.name, tt.context, d)
		}
	}
}
