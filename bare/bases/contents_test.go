package bases

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// tgz makes an npm package of files: name to content, a leading + marks programs.
func tgz(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for name, content := range files {
		mode := int64(0o644)
		if strings.HasPrefix(name, "+") {
			name, mode = name[1:], 0o755
		}
		if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: "package/" + name, Mode: mode, Size: int64(len(content))}); err != nil {
			t.Fatal(err)
		}
		w.Write([]byte(content))
	}
	w.Close()
	z.Close()
	return b.Bytes()
}

func TestWriteNode(t *testing.T) {
	program := tgz(t, map[string]string{"bin/node": "elf", "include/node/node.h": "h", "package.json": "{}", "README.md": "", "LICENSE": "MIT"})
	client := tgz(t, map[string]string{"+bin/npm-cli.js": "", "package.json": "{}"})
	var b bytes.Buffer
	if err := writeNode(&b, program, client); err != nil {
		t.Fatal(err)
	}
	files := headers(t, &b)
	for name, mode := range map[string]int64{
		"usr/local/bin/node":                            0o755,
		"usr/local/include/node/node.h":                 0o644,
		"usr/local/LICENSE":                             0o644,
		"usr/local/lib/node_modules/npm/package.json":   0o644,
		"usr/local/lib/node_modules/npm/bin/npm-cli.js": 0o755,
	} {
		if h := files[name]; h == nil || h.Mode != mode {
			t.Errorf("%s: %+v, want mode %o", name, h, mode)
		}
	}
	for name, target := range map[string]string{"npm": "npm-cli.js", "npx": "npx-cli.js"} {
		if h := files["usr/local/bin/"+name]; h == nil || filepath.Base(h.Linkname) != target {
			t.Errorf("%s: %+v", name, h)
		}
	}
	if files["usr/local/package.json"] != nil || files["usr/local/README.md"] != nil {
		t.Error("papers of the npm package lie in /usr/local")
	}
}

func TestWriteGo(t *testing.T) {
	zipFile := filepath.Join(t.TempDir(), "z.zip")
	f, err := os.Create(zipFile)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	for _, name := range []string{"bin/go", "pkg/tool/linux_amd64/compile", "src/_go.mod", "src/fmt/print.go", "VERSION"} {
		if _, err := z.Create("golang.org/toolchain@v0.0.1-go" + goVersion + ".linux-amd64/" + name); err != nil {
			t.Fatal(err)
		}
	}
	z.Close()
	f.Close()
	var b bytes.Buffer
	if err := writeGo(&b, zipFile); err != nil {
		t.Fatal(err)
	}
	files := headers(t, &b)
	for name, mode := range map[string]int64{
		"usr/local/go/bin/go": 0o755, "usr/local/go/pkg/tool/linux_amd64/compile": 0o755,
		"usr/local/go/src/go.mod": 0o644, "usr/local/go/src/fmt/print.go": 0o644, "usr/local/go/VERSION": 0o644,
		"go/bin/": 0o1777, "go/src/": 0o1777,
	} {
		if h := files[name]; h == nil || h.Mode != mode {
			t.Errorf("%s: %+v, want mode %o", name, h, mode)
		}
	}
}

func TestFetch(t *testing.T) {
	data := []byte("contents")
	sum := sha512.Sum512(data)
	pin := npmPackage{"@scope/name", "1.2.3", "sha512-" + base64.StdEncoding.EncodeToString(sum[:])}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/npm/@scope/name/-/name-1.2.3.tgz" {
			http.NotFound(w, r)
			return
		}
		w.Write(data)
	}))
	defer server.Close()
	t.Setenv("npm_config_registry", server.URL+"/npm/")
	b := &builder{ctx: context.Background(), tell: quiet}
	if got, err := b.fetch(pin); err != nil || !bytes.Equal(got, data) {
		t.Fatalf("%q, %v", got, err)
	}
	data = []byte("contents, changed on the way")
	if _, err := b.fetch(pin); err == nil || !strings.Contains(err.Error(), "pinned is "+pin.integrity) {
		t.Errorf("changed contents: error %v", err)
	}
	pin.version = "9.9.9"
	if _, err := b.fetch(pin); err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("no such version: error %v", err)
	}
	server.Close()
	if _, err := b.fetch(pin); err == nil || !strings.Contains(err.Error(), "@scope/name@9.9.9") {
		t.Errorf("no registry: error %v", err)
	}
}

func TestFetchOptions(t *testing.T) {
	got := fetchOptions(`Acquire "";
Acquire::http "";
Acquire::http::Proxy "http://proxy:3142";
Acquire::https::Verify-Peer "true";
Acquire::Check-Valid-Until "false";
Acquire::IndexTargets::deb::Packages::MetaKey "x";
Acquire::Languages:: "en";
`)
	want := []string{`Acquire::http::Proxy "http://proxy:3142";`, `Acquire::https::Verify-Peer "true";`, `Acquire::Check-Valid-Until "false";`}
	if !slices.Equal(got, want) {
		t.Errorf("options %q, want %q", got, want)
	}
}

// fakeTool puts a script in place of a program.
func fakeTool(t *testing.T, name, script string) {
	t.Helper()
	if _, err := os.Stat("/bin/sh"); err != nil {
		t.Skip("no /bin/sh on this system")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
}

func TestMmdebstrapFailure(t *testing.T) {
	fakeTool(t, "mmdebstrap", "echo I: starting >&2; echo 'E: cannot reach the mirror' >&2; exit 1\n")
	b := &builder{ctx: context.Background(), tell: quiet}
	err := b.mmdebstrap(&bytes.Buffer{}, "amd64", nil)
	if err == nil || !strings.Contains(err.Error(), "cannot reach the mirror") || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %v", err)
	}
}

func TestToolchainChecksum(t *testing.T) {
	fakeTool(t, "go", `echo '{"Zip":"/z.zip","Sum":"h1:other"}'`+"\n")
	b := &builder{ctx: context.Background(), tell: quiet}
	if _, err := b.toolchain("amd64"); err == nil || !strings.Contains(err.Error(), "pinned is "+goSums["amd64"]) {
		t.Errorf("another toolchain: error %v", err)
	}
	fakeTool(t, "go", `echo '{"Error":"proxy: 404"}'; exit 1`+"\n")
	if _, err := b.toolchain("amd64"); err == nil || !strings.Contains(err.Error(), "proxy: 404") {
		t.Errorf("no toolchain: error %v", err)
	}
}
