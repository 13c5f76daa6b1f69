package bench

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/dockerfile"
)

// Peers build from the bases that the services have: else a comparison would be one of bases, and stand-ins would be missing.
func TestPeers(t *testing.T) {
	root := filepath.Join("..", "..")
	services, err := catalog.Services(root)
	if err != nil {
		t.Fatal(err)
	}
	parse := func(path string) *dockerfile.File {
		t.Helper()
		data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(path)))
		if err != nil {
			t.Fatal(err)
		}
		file, err := dockerfile.Parse(path, data)
		if err != nil {
			t.Fatal(err)
		}
		return file
	}
	var bases []string
	byFile := map[string]catalog.Service{}
	for _, s := range services {
		for _, b := range parse(s.Dir + "/Dockerfile").Bases() {
			bases = append(bases, b.Ref)
		}
		byFile[s.Name+".Dockerfile"] = s
	}
	files, err := filepath.Glob(filepath.Join(root, "bench", "peers", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		name := filepath.Base(file)
		service, ok := byFile[name]
		if !ok {
			continue // of a sample that is gone
		}
		for _, b := range parse("bench/peers/" + name).Bases() {
			if !slices.Contains(bases, b.Ref) {
				t.Errorf("bench/peers/%s builds from %s, and no service does; take the reference that dockerfiles/ have", name, b.Ref)
			}
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), accessLog) {
			t.Errorf("bench/peers/%s has no %s: a service that logs would be compared with a peer that does not", name, accessLog)
		}
		_, label, _ := strings.Cut(string(text), "LABEL "+jobsLabel+`="`)
		label, _, _ = strings.Cut(label, `"`)
		for job := range strings.SplitSeq(label, ",") {
			if !slices.ContainsFunc(service.Checks, func(c catalog.Check) bool { return c.Name == job }) {
				t.Errorf("bench/peers/%s: its label %s names %q, which is no check of %s", name, jobsLabel, job, service.Name)
			}
		}
	}
}
