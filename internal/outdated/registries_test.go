package outdated

import (
	"bytes"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/ulikunitz/xz"
)

func TestNpm(t *testing.T) {
	alone(t)
	host := serve(t, answers{
		"/fastify":         `{"dist-tags":{"latest":"5.9.1","next":"6.0.0-rc.1"}}`,
		"/@scope%2Fours":   `{"dist-tags":{"latest":"2.0.0"},"versions":{"1.2.0":{},"1.10.1":{},"1.11.0":{"deprecated":"broken"},"1.12.0-rc.1":{},"1.9.0":{},"2.0.0":{},"3.0.0":{}}}`,
		"/current":         `{"dist-tags":{"latest":"1.0.0"}}`,
		"/lies":            `{"dist-tags":{"latest":"<script>"}}`,
		"/portal":          `<html>Please log in</html>`,
		"/busy":            "503",
		"/private/@my%2Fx": `{"dist-tags":{"latest":"1.0.1"}}`,
	}, "NPM_CONFIG_REGISTRY", "/")
	expect(t, table(t, Npm(), "5.9.0:fastify", "1.2.0:@scope/ours", "1.0.0:current", "0.1.0:only-here", "5.9.0:fastify"),
		"s0 npm fastify 5.9.0 5.9.1 5.9.1 patch", "s1 npm @scope/ours 1.2.0 1.10.1 2.0.0 major", "npm: only-here 0.1.0 of s1 is not in its registry",
		"2 outdated, 1 current, 1 unknown")
	expect(t, table(t, Npm(), "1.0.0:lies"), `npm: not compared: the npm registry says that the latest version of lies is "<script>"`)
	expect(t, table(t, Npm(), "1.0.0:portal"), "npm: not compared: "+host+" answers a request for /portal with something else than the JSON expected")
	expect(t, table(t, Npm(), "1.0.0:busy"), "npm: not compared: "+host+" answers 503 Service Unavailable to a request for /busy")

	file := filepath.Join(t.TempDir(), "npmrc")
	if err := os.WriteFile(file, []byte("@my:registry = http://"+host+"/private\n//"+host+"/private/:_authToken=secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("NPM_CONFIG_USERCONFIG", file)
	expect(t, table(t, Npm(), "1.0.0:@my/x"), "@my/x 1.0.0 1.0.1 1.0.1 patch")
	if _, header := npmSettings().request("@my/x"); header.Get("Authorization") != "Bearer secret" {
		t.Errorf("headers are %v", header)
	}
	if _, header := npmSettings().request("x"); header.Get("Authorization") != "" {
		t.Error("a token goes to another registry than its own")
	}
}

func TestPyPI(t *testing.T) {
	alone(t)
	serve(t, answers{
		"/simple/flask/":          `{"versions":["3.1.0","3.1.2","4.0","3.2.0rc1","3.1.10"],"files":[]}`,
		"/simple/typing-ext-x/":   `{"versions":["4.0","4.1"],"files":[{"filename":"typing_ext_x-4.1-py3-none-any.whl","yanked":"broken"},{"filename":"typing_ext_x-4.0.tar.gz","yanked":false}]}`,
		"/simple/never-released/": `{"versions":["0.1a1"]}`,
	}, "PIP_INDEX_URL", "/simple/")
	expect(t, table(t, PyPI(), "3.1.2:Flask", "4.0:typing.ext_X", "0.1:never-released", "1:absent"),
		"Python Flask 3.1.2 3.1.10 4.0 major", "1 outdated, 1 current, 2 unknown")
	t.Setenv("PIP_INDEX_URL", "")
	file := filepath.Join(t.TempDir(), "pip.conf")
	if err := os.WriteFile(file, []byte("[global]\nindex-url = https://pypi.example.com/simple\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PIP_CONFIG_FILE", file)
	if got := pypiIndex(); got != "https://pypi.example.com/simple" {
		t.Errorf("the index is %s", got)
	}
}

func TestGo(t *testing.T) {
	alone(t)
	t.Setenv("GOMODCACHE", t.TempDir())
	t.Cleanup(func() { _ = exec.Command("go", "clean", "-modcache").Run() }) // its files are read-only
	a := answers{}
	for module, version := range map[string]string{"example.org/chi/v5": "v5.2.3", "example.org/same": "v1.0.0"} {
		a["/"+module+"/@v/list"] = version + "\n"
		a["/"+module+"/@v/"+version+".info"] = `{"Version":"` + version + `"}`
		a["/"+module+"/@latest"] = `{"Version":"` + version + `"}`
		a["/"+module+"/@v/"+version+".mod"] = "module " + module + "\n"
	}
	serve(t, a, "GOPROXY", "")
	expect(t, table(t, Go(), "v5.2.1:example.org/chi/v5", "v1.0.0:example.org/same", "v1.0.0:example.org/gone", "go1.26.8:go"),
		"example.org/chi/v5 v5.2.1 v5.2.3 v5.2.3 patch", "example.org/gone v1.0.0 of s0 is not in its registry",
		"go go1.26.8 of s1 is not in its registry", "1 outdated, 1 current, 2 unknown")
	serve(t, answers{"/example.org/x/@v/list": "503"}, "GOPROXY", "")
	expect(t, table(t, Go(), "v1.0.0:example.org/x"), "Go modules: not compared: ", "503 Service Unavailable")
	t.Setenv("GOPROXY", "off")
	expect(t, table(t, Go(), "v1.0.0:example.org/x"), "Go modules: not compared: ", "disabled by GOPROXY=off")
}

func TestNewestGo(t *testing.T) {
	t.Parallel()
	got := newestGo([]string{
		"v0.0.1-go1.26.9.linux-amd64", "v0.0.1-go1.26.10.linux-amd64", "v0.0.1-go1.27.linux-arm64", "v0.0.1-go1.27rc1.linux-amd64", "v0.0.1-go1.9rc2.windows-amd64",
	})
	if got != "go1.26.10" {
		t.Errorf("the newest is %s", got)
	}
}

func TestDebian(t *testing.T) {
	alone(t)
	pack := func(text string) string {
		var out bytes.Buffer
		w, err := xz.NewWriter(&out)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = w.Write([]byte(text))
		_ = w.Close()
		return out.String()
	}
	main := "Package: libc6\nVersion: 2.41-12\nDescription: C\n\nPackage: zlib1g\nVersion: 1:1.3-1\n\nPackage: other\nVersion: 9\n"
	a := answers{
		"/debian/dists/trixie/main/binary-arm64/Packages.xz":                   pack(main),
		"/debian/dists/trixie-updates/main/binary-arm64/Packages.xz":           pack(""),
		"/debian-security/dists/trixie-security/main/binary-arm64/Packages.xz": pack("Package: libc6\nVersion: 2.41-12+deb13u1\n"),
	}
	host := serve(t, a, DebianSetting, "/")
	expect(t, table(t, Debian("trixie", "arm64"), "2.41-12:libc6", "1:1.3-1:zlib1g"), "Debian trixie libc6 2.41-12 2.41-12+deb13u1 2.41-12+deb13u1 patch")
	a["/debian/dists/trixie-updates/main/binary-arm64/Packages.xz"] = "<html>"
	expect(t, table(t, Debian("trixie", "arm64"), "2.41-12:libc6"), host+" answers a request for /debian/dists/trixie-updates/main/binary-arm64/Packages.xz with no index of packages")
	delete(a, "/debian/dists/trixie-updates/main/binary-arm64/Packages.xz")
	expect(t, table(t, Debian("trixie", "arm64"), "2.41-12:libc6"), "Debian trixie: not compared: "+host+" has no /debian/dists/trixie-updates")
	a["/debian/dists/trixie-updates/main/binary-arm64/Packages.xz"] = pack(main)[:60]
	expect(t, table(t, Debian("trixie", "arm64"), "2.41-12:libc6"), "with no index of packages: unexpected EOF")
}

func TestBases(t *testing.T) {
	alone(t)
	host := serve(t, registry.New(registry.Logger(log.New(io.Discard, "", 0))), "UNUSED", "")
	ref, err := name.ParseReference(host + "/golang:1.26")
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.Write(ref, empty.Image); err != nil {
		t.Fatal(err)
	}
	digest, err := empty.Image.Digest()
	if err != nil {
		t.Fatal(err)
	}
	mirror := func(ref string) string { return host + "/" + ref }
	old := "sha256:" + strings.Repeat("1", 64)
	var list []Package
	for _, r := range []string{"golang:1.26@" + old, "golang:1.26@" + digest.String(), "gone:1@" + old} {
		p, ok := Pinned("hello-go", r)
		if !ok {
			t.Fatalf("%s is not pinned", r)
		}
		list = append(list, p)
	}
	report := Check(t.Context(), list, Bases(mirror))
	if len(report.Outdated) != 1 || report.Outdated[0].Latest != digest.String() || report.Current != 1 || len(report.Unknown) != 1 {
		t.Errorf("got %+v", report)
	}
	for _, r := range []string{"golang:1.26", "golang@" + old, "localhost:5000/golang@" + old} {
		if _, ok := Pinned("x", r); ok {
			t.Errorf("%s has nothing to compare", r)
		}
	}
}
