package sbom

import (
	"bytes"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	spdxjson "github.com/spdx/tools-golang/json"
	"github.com/spdx/tools-golang/spdxlib"

	"example.com/stagecraft/internal/elffile/elftest"
	"example.com/stagecraft/internal/image"
	"example.com/stagecraft/internal/image/imagetest"
)

var update = flag.Bool("update", false, "write testdata/")

// canary is a secret of an image's environment, which no list may repeat.
const canary = "canary-7d1f"

// open is the image of a service called demo.
func open(t *testing.T, entries ...imagetest.Entry) image.Image {
	t.Helper()
	img := imagetest.Image(t, "amd64", v1.Config{
		WorkingDir: "/app", Env: []string{"TOKEN=" + canary},
		Labels: map[string]string{"org.opencontainers.image.licenses": "Apache-2.0"},
	}, imagetest.Layer(t, entries...))
	img, err := mutate.CreatedAt(img, v1.Time{Time: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	return imagetest.Open(t, img).Images()[0]
}

func read(t *testing.T, entries ...imagetest.Entry) Contents {
	t.Helper()
	contents, err := Read("demo", open(t, entries...))
	if err != nil {
		t.Fatal(err)
	}
	return contents
}

func document(t *testing.T, c Contents, f Format) []byte {
	t.Helper()
	data, err := c.Document(f)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func elf(t *testing.T, name string, f elftest.File) imagetest.Entry {
	t.Helper()
	return imagetest.File(name, string(f.Bytes(t)))
}

// release is of Debian 13.
var release = imagetest.File("etc/os-release", "NAME=\"Debian GNU/Linux\"\nID=debian\nVERSION_ID=\"13\"\n")

// ecosystems are an image for each kind of record, and what it contains.
var ecosystems = map[string]struct {
	entries  func(t *testing.T) []imagetest.Entry
	packages []string // name, version and package URL
	files    []string // that belong to none
}{
	"Debian": {
		entries: func(*testing.T) []imagetest.Entry {
			return []imagetest.Entry{
				release,
				imagetest.File("var/lib/dpkg/status.d/libx1", "Package: libx1\nSource: x (2.0)\nVersion: 1:2.0-1+b1\nArchitecture: amd64\n"),
				imagetest.File("var/lib/dpkg/status.d/libx1.md5sums", "abc  usr/lib/libx.so.1\n"), imagetest.File("usr/lib/libx.so.1", "x"),
				imagetest.File("var/lib/dpkg/status.d/base-files", "Package: base-files\nVersion: 13\nArchitecture: all\n"),
				imagetest.File("var/lib/dpkg/status.d/base-files.md5sums", "abc  etc/os-release\n"),
			}
		},
		packages: []string{
			"base-files 13 pkg:deb/debian/base-files@13?arch=all&distro=debian-13",
			"libx1 1:2.0-1+b1 pkg:deb/debian/libx1@1:2.0-1%2Bb1?arch=amd64&distro=debian-13&upstream=x%402.0",
		},
	},
	"a Debian package without files": {
		entries: func(*testing.T) []imagetest.Entry {
			return []imagetest.Entry{imagetest.File("var/lib/dpkg/status", "Package: empty\nVersion: 1\nArchitecture: all\n")}
		},
		packages: []string{"dpkg  ", "empty 1 pkg:deb/debian/empty@1?arch=all"},
	},
	"certificates with the record of their package": {
		entries: func(*testing.T) []imagetest.Entry {
			return []imagetest.Entry{
				imagetest.File("etc/ssl/certs/ca-certificates.crt", "x"),
				imagetest.File("var/lib/dpkg/status.d/ca-certificates", "Package: ca-certificates\nVersion: 20250419\nArchitecture: all\n"),
			}
		},
		packages: []string{"ca-certificates 20250419 pkg:deb/debian/ca-certificates@20250419?arch=all"},
	},
	"certificates without a record": {
		entries: func(*testing.T) []imagetest.Entry {
			return []imagetest.Entry{imagetest.File("etc/ssl/certs/ca-certificates.crt", "x")}
		},
		packages: []string{"ca-certificates  "},
	},
	"Alpine": {
		entries: func(*testing.T) []imagetest.Entry {
			return []imagetest.Entry{
				imagetest.File("lib/apk/db/installed", "P:musl\nV:1.2.5-r1\nF:lib\nR:libc.musl.so\n"), imagetest.File("lib/libc.musl.so", "x"),
				imagetest.File("etc/os-release", "ID=alpine\nVERSION_ID=3.22\n"),
			}
		},
		packages: []string{"apk-tools  ", "musl 1.2.5-r1 pkg:apk/alpine/musl@1.2.5-r1?distro=alpine-3.22"},
		files:    []string{"/etc/os-release"},
	},
	"npm": {
		entries: func(*testing.T) []imagetest.Entry {
			return []imagetest.Entry{
				imagetest.File("app/package.json", `{"name":"own","version":"2.0.0"}`), imagetest.File("app/main.js", "x"),
				imagetest.File("app/node_modules/@scope/a/package.json", `{"name":"@scope/a","version":"1.2.3"}`),
			}
		},
		packages: []string{"@scope/a 1.2.3 pkg:npm/%40scope/a@1.2.3", "own 2.0.0 pkg:npm/own@2.0.0"},
	},
	"Python": {
		entries: func(*testing.T) []imagetest.Entry {
			return []imagetest.Entry{
				imagetest.File("py/Odd_Name-1.dist-info/METADATA", "Name: Odd_Name\nVersion: 1\n"), imagetest.File("py/Odd_Name-1.dist-info/RECORD", "odd.py,,\n"),
				imagetest.File("py/own-2.dist-info/METADATA", "Name: own\nVersion: 2\n"), imagetest.File("py/own-2.dist-info/RECORD", "own.py,,\n"),
				imagetest.File("py/own-2.dist-info/direct_url.json", `{"url":"file:///src"}`),
			}
		},
		packages: []string{"Odd_Name 1 pkg:pypi/odd-name@1", "own 2 pkg:pypi/own@2"},
	},
	"Go": {
		entries: func(t *testing.T) []imagetest.Entry {
			return []imagetest.Entry{elf(t, "demo", elftest.File{Module: "example.com/Demo"})}
		},
		packages: []string{
			"example.com/Demo v1.2.3 pkg:golang/example.com/Demo@v1.2.3", "example.com/dep v1.1.0 pkg:golang/example.com/dep@v1.1.0",
			"example.com/fork v1.0.1 pkg:golang/example.com/fork@v1.0.1", "go go1.26.8 pkg:golang/stdlib@1.26.8",
		},
	},
	"programs that name themselves": {
		entries: func(t *testing.T) []imagetest.Entry {
			return []imagetest.Entry{
				elf(t, "usr/bin/noted", elftest.File{Note: `{"name":"noted","version":"6"}`}), elf(t, "usr/bin/node", elftest.File{Pad: 100, Text: "node.js/v24.21.0"}),
			}
		},
		packages: []string{"noted 6 pkg:generic/noted@6", "node 24.21.0 pkg:generic/node@24.21.0"},
	},
	"files without a record": {
		entries: func(*testing.T) []imagetest.Entry {
			return []imagetest.Entry{imagetest.File("opt/b", "b"), imagetest.File("opt/a", "a"), imagetest.Hardlink("opt/c", "opt/a"), imagetest.Symlink("opt/d", "a")}
		},
		files: []string{"/opt/a", "/opt/b"},
	},
}

func TestRead(t *testing.T) {
	t.Parallel()
	for name, e := range ecosystems {
		contents := read(t, e.entries(t)...)
		var packages, files []string
		for _, p := range contents.Packages {
			packages = append(packages, p.Name+" "+p.Version+" "+p.PURL)
		}
		for _, f := range contents.Files {
			files = append(files, f.Path)
		}
		if !slices.Equal(packages, e.packages) {
			t.Errorf("%s: packages\n\t%s\nwant\n\t%s", name, strings.Join(packages, "\n\t"), strings.Join(e.packages, "\n\t"))
		}
		if !slices.Equal(files, e.files) {
			t.Errorf("%s: files %q, want %q", name, files, e.files)
		}
	}
}

// A list that lacks the packages of RPM would be wrong without a sign of it.
func TestReadRefusesRPM(t *testing.T) {
	t.Parallel()
	_, err := Read("demo", open(t, imagetest.File("usr/lib/sysimage/rpm/rpmdb.sqlite", "x")))
	if err == nil || !strings.Contains(err.Error(), "the image of demo for linux/amd64: its packages are in /usr/lib/sysimage/rpm/rpmdb.sqlite") {
		t.Errorf("the error is %v", err)
	}
}

// everything is an image with all kinds of records at once.
func everything(t *testing.T) Contents {
	t.Helper()
	var entries []imagetest.Entry
	for _, name := range slices.Sorted(maps.Keys(ecosystems)) {
		if name != "Alpine" {
			entries = append(entries, ecosystems[name].entries(t)...)
		}
	}
	return read(t, entries...)
}

// Documents are the same each time, and those of testdata: `go test ./internal/sbom -update` writes these.
func TestDocuments(t *testing.T) {
	t.Parallel()
	for _, f := range []Format{SPDX, CycloneDX} {
		got := document(t, everything(t), f)
		if again := document(t, everything(t), f); !bytes.Equal(got, again) {
			t.Errorf("%s: two documents of one image differ", f)
		}
		if bytes.Contains(got, []byte(canary)) {
			t.Errorf("%s: the document has a variable of the image's environment", f)
		}
		golden := filepath.Join("testdata", "everything"+f.Extension())
		if *update {
			if err := os.WriteFile(golden, got, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not %s; if that is right, run: go test ./internal/sbom -update", f, golden)
		}
	}
}

// Another file, and an image that is otherwise the same, is another document.
func TestDocumentsDiffer(t *testing.T) {
	t.Parallel()
	for _, f := range []Format{SPDX, CycloneDX} {
		a, b := document(t, read(t, imagetest.File("opt/a", "a")), f), document(t, read(t, imagetest.File("opt/a", "b")), f)
		if bytes.Equal(a, b) {
			t.Errorf("%s: documents of two images are the same", f)
		}
	}
}

// The formats' own libraries read the documents, and every reference in them leads somewhere.
func TestDocumentsAreValid(t *testing.T) {
	t.Parallel()
	contents := everything(t)
	parsed, err := spdxjson.Read(bytes.NewReader(document(t, contents, SPDX)))
	if err != nil {
		t.Fatal(err)
	}
	if err := spdxlib.ValidateDocument(parsed); err != nil || parsed.SPDXVersion != "SPDX-2.3" {
		t.Errorf("%s: %v", parsed.SPDXVersion, err)
	}
	if len(parsed.Packages) != len(contents.Packages)+1 || len(parsed.Files) != len(contents.Files) {
		t.Errorf("%d packages and %d files", len(parsed.Packages), len(parsed.Files))
	}
	parsed.Packages = parsed.Packages[:1]
	if spdxlib.ValidateDocument(parsed) == nil {
		t.Error("a document with references to packages that are not there is found valid")
	}
	var bom cdx.BOM
	if err := cdx.NewBOMDecoder(bytes.NewReader(document(t, contents, CycloneDX)), cdx.BOMFileFormatJSON).Decode(&bom); err != nil {
		t.Fatal(err)
	}
	if bom.SpecVersion != cdx.SpecVersion1_6 || len(*bom.Components) != len(contents.Packages)+len(contents.Files) {
		t.Errorf("version %v, %d components", bom.SpecVersion, len(*bom.Components))
	}
}

func TestParseFormat(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Format{"": SPDX, "spdx": SPDX, "cyclonedx": CycloneDX} {
		if got, err := ParseFormat(text); err != nil || got != want {
			t.Errorf("%q is %q, %v", text, got, err)
		}
	}
	if _, err := ParseFormat("swid"); err == nil || !strings.Contains(err.Error(), "choose from spdx, cyclonedx") {
		t.Errorf("the error is %v", err)
	}
}
