package bases

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestFind(t *testing.T) {
	for _, ref := range []string{
		"debian:trixie-slim",
		"debian:trixie-slim@sha256:a29215f6a35e51e22adffa17f89e9d2ef06214e64a2bad10d765c46aea49f11f",
		"library/debian:trixie-slim",
		"docker.io/library/debian:trixie-slim@sha256:1",
	} {
		if name, _, err := find(ref); err != nil || name != "debian:trixie-slim" {
			t.Errorf("%s: %q, %v", ref, name, err)
		}
	}
	for _, ref := range []string{"debian", "debian:trixie", "ghcr.io/debian:trixie-slim", "alpine:3.23"} {
		_, _, err := find(ref)
		if err == nil || !strings.Contains(err.Error(), ref) {
			t.Errorf("%s: error %v", ref, err)
			continue
		}
		for _, name := range known() {
			if !strings.Contains(err.Error(), name) {
				t.Errorf("%s: the error does not name the recipe for %s: %v", ref, name, err)
			}
		}
	}
}

// The templates say which images are used; every one needs a recipe. Of another
// digest than it imitates, a line tells where it is used. Without the templates
// (this folder alone) there is nothing to compare.
func TestEveryTemplateHasItsRecipes(t *testing.T) {
	files, _ := filepath.Glob("../../dockerfiles/*.Dockerfile")
	if len(files) == 0 {
		t.Skip("no templates next to this module")
	}
	from := regexp.MustCompile(`(?m)^FROM (?:--platform=\S+ )?(\S+@\S+)`)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range from.FindAllStringSubmatch(string(text), -1) {
			if _, _, err := find(m[1]); err != nil {
				t.Errorf("%s: %v", file, err)
			}
		}
	}
}

func TestRecipesAreWhole(t *testing.T) {
	for name, r := range recipes {
		if !strings.HasPrefix(r.digest, "sha256:") || len(r.digest) != 71 || r.title == "" || len(r.cmd) == 0 || r.layers == nil {
			t.Errorf("%s: %+v", name, r)
		}
		if _, ok := recipes[r.on]; r.on != "" && !ok {
			t.Errorf("%s lies on %s, which has no recipe", name, r.on)
		}
	}
}

func TestPlaceFollowsTheContents(t *testing.T) {
	s := Store("/s")
	r := recipes["node:24-trixie-slim"]
	before := s.dir("node:24-trixie-slim", r, false)
	r.title = strings.Replace(r.title, nodeVersion, "24.99.0", 1)
	if after := s.dir("node:24-trixie-slim", r, false); after == before {
		t.Errorf("another Node.js, the same place: %s", after)
	}
}
