package project

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/ulikunitz/xz"

	"example.com/stagecraft/internal/build"
	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/image/imagetest"
	"example.com/stagecraft/internal/outdated"
)

// debianImage writes the layout of an image that records packages of Debian, NAME VERSION each, and has a file of that content.
func debianImage(t *testing.T, dir, content string, packages ...string) {
	t.Helper()
	entries := []imagetest.Entry{
		imagetest.File("etc/os-release", "ID=debian\nVERSION_CODENAME=trixie\n"), imagetest.File("app", content),
	}
	for _, p := range packages {
		name, version, _ := strings.Cut(p, " ")
		entries = append(entries, imagetest.File("var/lib/dpkg/status.d/"+name, "Package: "+name+"\nVersion: "+version+"\n"))
	}
	img := imagetest.Image(t, "amd64", v1.Config{Entrypoint: []string{"/app"}}, imagetest.Layer(t, entries...))
	if _, err := layout.Write(dir, mutate.AppendManifests(empty.Index, mutate.IndexAddendum{Add: img})); err != nil {
		t.Fatal(err)
	}
}

// debianArchive serves a package index to this test.
func debianArchive(t *testing.T, index string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		packed, err := xz.NewWriter(w)
		if err != nil {
			t.Error(err)
			return
		}
		if strings.HasPrefix(r.URL.Path, "/debian/dists/trixie/main/") {
			_, _ = io.WriteString(packed, index)
		}
		_ = packed.Close()
	}))
	t.Cleanup(server.Close)
	t.Setenv(outdated.DebianSetting, server.URL)
}

// What Outdated learned, Build shows without asking again, until the image has it.
func TestBuildShowsNewerPackages(t *testing.T) {
	p := Project{Root: t.TempDir(), Out: io.Discard}
	for name, content := range map[string]string{
		"project.yaml": "name: shop\nsource: https://example.com/shop\nlicenses: MIT\n",
		"services/a/service.yaml": "language: c\ndockerfile: own\nprotocol: none\ndescription: x\nrun: {memory: 8MB}\n" +
			"size: {linux/amd64: {unpacked: 1MB, pull: 1MB}, linux/arm64: {unpacked: 1MB, pull: 1MB}}\n",
		"services/a/Dockerfile": "FROM scratch\n# RUN apt-get install clang\n",
	} {
		file := filepath.Join(p.Root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	debianImage(t, build.Layout(p.Root, "a"), "x", "libc6 2.41-12", "libssl3t64 3.5.1-1", "tzdata 2026a-1", "ours 1")
	debianArchive(t, "Package: libc6\nVersion: 2.41-12\n\nPackage: libssl3t64\nVersion: 3.5.4-1\n\nPackage: tzdata\nVersion: 2026b-0+deb13u1\n")
	shown := func(packages ...build.Package) string {
		var out bytes.Buffer
		q := p
		q.Out = &out
		q.writeNewer(build.Result{
			Selection: build.Selection{Services: []catalog.Service{{Name: "a"}}}, Packages: map[string][]build.Package{"a": packages},
		})
		return out.String()
	}
	old := []build.Package{{Name: "libc6", Version: "2.41-12"}, {Name: "libssl3t64", Version: "3.5.1-1"}, {Name: "tzdata", Version: "2026a-1"}}
	if got := shown(old...); got != "" {
		t.Errorf("before Outdated asked, Build shows %q", got)
	}
	var progress bytes.Buffer
	p.Progress = &progress
	if err := p.Outdated(t.Context(), "", false); err != nil {
		t.Fatal(err)
	}
	if want := "go tool mage build -no-cache -services=a\n"; !strings.HasSuffix(progress.String(), want) {
		t.Errorf("Outdated ends with %q, want %q", progress.String(), want)
	}
	if want := "not compared: Debian packages that only builds have, such as compilers; get today's: "; !strings.Contains(progress.String(), want) {
		t.Errorf("Outdated says %q, want %q", progress.String(), want)
	}
	got := shown(old...)
	for _, want := range []string{
		"a: Debian had newer versions of 2 packages on 20", " (libssl3t64 3.5.1-1 → 3.5.4-1, tzdata 2026a-1 → 2026b-0+deb13u1); go tool mage build -no-cache -services=a\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("Build shows %q, want %q", got, want)
		}
	}
	if got := shown(build.Package{Name: "libssl3t64", Version: "3.5.4-1"}); got != "" {
		t.Errorf("of an image that has the newest, Build shows %q", got)
	}
	if err := os.WriteFile(p.debianFile("a"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := shown(old...); got != "" {
		t.Errorf("after a damaged note, Build shows %q", got)
	}
}

func TestFew(t *testing.T) {
	t.Parallel()
	for want, list := range map[string][]string{"a, b, c": {"a", "b", "c"}, "a, b, c, …": {"a", "b", "c", "d"}} {
		if got := few(list); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
