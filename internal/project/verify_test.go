package project

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"example.com/stagecraft/internal/build"
	"example.com/stagecraft/internal/catalog"
)

// Only builds of the same packages are compared; what differs although they are the same is a fault.
func TestCompareLikeWithLike(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		content string // of the second build; the first has "x"
		version string // of its package; the first has 1
		says    string
		err     string
	}{
		"same":          {"x", "1", "1 of 1 images are the same", ""},
		"bits":          {"y", "1", "a: linux/amd64: layer 1 of 1: /app", "builds are not reproducible"},
		"packages":      {"x", "2", "a: not compared: the second build got other packages (libx 1 → 2)\n0 of 1 images", "Debian published newer packages between the builds; run the same command again"},
		"packages, too": {"y", "2", "a: not compared: ", "Debian published newer packages between the builds; run the same command again"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			debianImage(t, filepath.Join(dir, "first", "a"), "x", "libx 1", "liby 1")
			debianImage(t, filepath.Join(dir, "second", "a"), tt.content, "libx "+tt.version, "liby 1")
			var out bytes.Buffer
			p := Project{Out: &out}
			err := p.compare(build.Selection{Services: []catalog.Service{{Name: "a"}}}, filepath.Join(dir, "first"), filepath.Join(dir, "second"))
			if (err == nil) != (tt.err == "") || err != nil && err.Error() != tt.err {
				t.Errorf("error is %v, want %q", err, tt.err)
			}
			if !strings.Contains(out.String(), tt.says) {
				t.Errorf("got:\n%s\nwant: %s", &out, tt.says)
			}
		})
	}
}
