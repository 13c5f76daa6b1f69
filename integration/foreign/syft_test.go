package foreign

import (
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/stagecraft/internal/build"
	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/image"
	"example.com/stagecraft/internal/sbom"
)

// unseen are the packages of samples that neither programs nor files name: templates leave a record of them.
var unseen = map[string]string{"hello-go": "pkg:deb/debian/ca-certificates@", "hello-c": "pkg:deb/debian/musl-dev@"}

// Every package that syft finds in an image is in our list of it, and syft reads these lists. Images are those that were built
// before.
func TestSyft(t *testing.T) {
	const root = "../.."
	repository, err := catalog.Load(root)
	if err != nil {
		t.Fatal(err)
	}
	path := program(t, "syft")
	compared := 0
	for _, s := range repository.Services {
		layout := build.Layout(root, s.Name)
		if _, err := os.Stat(layout); err != nil {
			continue
		}
		compared++
		t.Run(s.Name, func(t *testing.T) {
			idx, err := image.Open(layout)
			if err != nil {
				t.Fatal(err)
			}
			defer idx.Close()
			for _, i := range idx.Images() {
				compareWithSyft(t, path, s.Name, layout, i)
			}
		})
	}
	if compared == 0 {
		t.Skip("there are no images in out/images; run `go tool mage build`")
	}
}

func compareWithSyft(t *testing.T, path, service, layout string, img image.Image) {
	t.Helper()
	contents, err := sbom.Read(service, img)
	if err != nil {
		t.Fatal(err)
	}
	var listed, ours []string
	for _, p := range contents.Packages {
		listed = append(listed, known(p.Name, p.Version, p.PURL))
		ours = append(ours, known(p.Name, p.Version, ""))
	}
	ours = append(ours, listed...) // syft has no URL for a Debian package in an image without /etc/os-release
	theirs := syft(t, path, "scan", "oci-dir:"+layout, "--platform="+img.Platform())
	if missing := without(theirs, ours); len(missing) > 0 {
		t.Errorf("for %s, our list lacks %q, which syft finds", img.Platform(), missing)
	}
	t.Logf("%s for %s: syft finds %d packages, and our list has %d", service, img.Platform(), len(theirs), len(listed))
	if !slices.ContainsFunc(listed, func(p string) bool { return strings.HasPrefix(p, unseen[service]) }) {
		t.Errorf("for %s, %s is not in our list", img.Platform(), unseen[service])
	}
	// The control: without one of its packages, the list is found to lack it.
	if found := without(theirs, slices.DeleteFunc(slices.Clone(ours), func(p string) bool { return p == theirs[0] })); len(found) != 1 {
		t.Errorf("for %s, a list that lacks %s is found to lack %q", img.Platform(), theirs[0], found)
	}
	for _, format := range []sbom.Format{sbom.SPDX, sbom.CycloneDX} {
		document, err := contents.Document(format)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "list"+format.Extension())
		if err := os.WriteFile(file, document, 0o600); err != nil {
			t.Fatal(err)
		}
		if missing := without(listed, syft(t, path, "convert", file)); len(missing) > 0 {
			t.Errorf("for %s, syft reads %s without %q", img.Platform(), format, missing)
		}
	}
}

// syft is the packages that syft lists when it runs so.
func syft(t *testing.T, path string, args ...string) []string {
	t.Helper()
	settings := filepath.Join(t.TempDir(), "syft.yaml")
	if err := os.WriteFile(settings, []byte("check-for-app-update: false\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	said := must(t, path, append(args, "--quiet", "--config="+settings, "--output=json")...)
	var list struct {
		Artifacts []struct{ Name, Version, PURL string }
	}
	if err := json.Unmarshal([]byte(said), &list); err != nil {
		t.Fatalf("%v in %s", err, said)
	}
	var all []string
	for _, a := range list.Artifacts {
		all = append(all, known(a.Name, a.Version, a.PURL))
	}
	slices.Sort(all)
	if all = slices.Compact(all); len(all) == 0 {
		t.Fatal("syft lists nothing")
	}
	return all
}

// known is what a package is known by: its URL without qualifiers, which is escaped in more ways than one, or else its name and
// version.
func known(name, version, purl string) string {
	if purl == "" {
		return name + " " + version
	}
	purl, _, _ = strings.Cut(purl, "?")
	if plain, err := url.PathUnescape(purl); err == nil {
		return plain
	}
	return purl
}

// without are the elements of a that b lacks.
func without(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return slices.Contains(b, s) })
}
