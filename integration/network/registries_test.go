package network

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/cgi"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/stagecraft/internal/command"
)

// packages are three small registries of private packages, each with a package `greeting` that is new in every run, and a git
// server with a module `farewell`: what builds keep in their caches does not help.
type packages struct {
	nonce              string
	npm, wheel, module []byte
	mod                string
	git                string // the folder with the repository
	gitMod, gitSource  string // its files
}

const (
	npmToken      = "canary-of-npm"
	netrcPassword = "canary-of-netrc"
	goModule      = "go.private.example/greeting"
	gitModule     = "git.private.example/farewell.git"
)

func newPackages(t *testing.T, nonce string) *packages {
	t.Helper()
	p := &packages{nonce: nonce, mod: "module " + goModule + "\n\ngo 1.26\n"}
	var npm bytes.Buffer
	compressed := gzip.NewWriter(&npm)
	compressed.Write(tarOf(
		"package/package.json", `{"name": "@private/greeting", "version": "1.0.0", "main": "index.js"}`,
		"package/index.js", "module.exports = '"+nonce+"';\n",
	))
	compressed.Close()
	p.npm = npm.Bytes()
	p.gitMod = "module " + gitModule + "\n\ngo 1.26\n"
	p.gitSource = "package farewell\n\nconst Nonce = \"bye" + nonce + "\"\n"
	p.git = gitRepository(t, "farewell.git", "go.mod", p.gitMod, "farewell.go", p.gitSource)
	const info = "private_greeting-1.0.0.dist-info/"
	p.wheel = zipped(t,
		"private_greeting.py", "NONCE = '"+nonce+"'\n",
		info+"METADATA", "Metadata-Version: 2.1\nName: private-greeting\nVersion: 1.0.0\n",
		info+"WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
		info+"RECORD", "private_greeting.py,,\n"+info+"METADATA,,\n"+info+"WHEEL,,\n"+info+"RECORD,,\n",
	)
	p.module = zipped(t,
		goModule+"@v1.0.0/go.mod", p.mod,
		goModule+"@v1.0.0/greeting.go", p.source(),
	)
	return p
}

// gitRepository makes a bare repository with a commit of these files, tagged v1.0.0, and returns the folder that it is in.
func gitRepository(t *testing.T, name string, namesAndContents ...string) string {
	t.Helper()
	work, dir := t.TempDir(), t.TempDir()
	for pair := range slices.Chunk(namesAndContents, 2) {
		if err := os.WriteFile(filepath.Join(work, pair[0]), []byte(pair[1]), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{
		{"init", "-q"},
		{"add", "."},
		{"-c", "user.name=test", "-c", "user.email=test@example.com", "commit", "-q", "-m", "Say farewell"},
		{"-c", "tag.gpgSign=false", "tag", "v1.0.0"},
		{"clone", "-q", "--bare", ".", filepath.Join(dir, name)},
	} {
		git := command.Command{Args: append([]string{"git"}, args...), Dir: work, Stderr: t.Output()}
		if err := git.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// gitServer speaks git's protocol over HTTP, as git itself has it.
func (p *packages) gitServer(t *testing.T) http.Handler {
	t.Helper()
	programs, err := command.Command{Args: []string{"git", "--exec-path"}}.Output(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return wantsPassword("me", netrcPassword, &cgi.Handler{
		Path: filepath.Join(strings.TrimSpace(programs), "git-http-backend"),
		// The repository may belong to another user where tests run as root.
		Env: []string{"GIT_PROJECT_ROOT=" + p.git, "GIT_HTTP_EXPORT_ALL=1", "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=safe.directory", "GIT_CONFIG_VALUE_0=*"},
	})
}

func tarOf(namesAndContents ...string) []byte {
	var b bytes.Buffer
	files := tar.NewWriter(&b)
	for pair := range slices.Chunk(namesAndContents, 2) {
		files.WriteHeader(&tar.Header{Name: pair[0], Mode: 0o644, Size: int64(len(pair[1]))})
		files.Write([]byte(pair[1]))
	}
	files.Close()
	return b.Bytes()
}

func zipped(t *testing.T, namesAndContents ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for pair := range slices.Chunk(namesAndContents, 2) {
		w, err := z.Create(pair[0])
		if err != nil {
			t.Fatal(err)
		}
		w.Write([]byte(pair[1]))
	}
	z.Close()
	return b.Bytes()
}

// wants lets only requests with an Authorization of value pass.
func wants(value string, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != value {
			w.Header().Set("WWW-Authenticate", `Basic realm="private"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		next(w, r)
	}
}

func bytesOf(data []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.Write(data) }
}

func (p *packages) npmRegistry() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/@private/greeting/-/greeting-1.0.0.tgz", wants("Bearer "+npmToken, bytesOf(p.npm)))
	return mux
}

// wantsPassword lets only requests with a name and a password pass.
func wantsPassword(user, password string, next http.Handler) http.HandlerFunc {
	return wants("Basic "+base64.StdEncoding.EncodeToString([]byte(user+":"+password)), next.ServeHTTP)
}

func (p *packages) pythonIndex() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/simple/private-greeting/", wantsPassword("me", netrcPassword, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<!DOCTYPE html><a href="/files/private_greeting-1.0.0-py3-none-any.whl#sha256=%s">private_greeting-1.0.0-py3-none-any.whl</a>`, p.wheelSum())
	})))
	mux.HandleFunc("/files/private_greeting-1.0.0-py3-none-any.whl", wantsPassword("me", netrcPassword, bytesOf(p.wheel)))
	return mux
}

func (p *packages) moduleProxy() http.Handler {
	mux := http.NewServeMux()
	at := "/" + goModule + "/@v/v1.0.0"
	mux.HandleFunc(at+".info", wantsPassword("me", netrcPassword, bytesOf([]byte(`{"Version": "v1.0.0"}`))))
	mux.HandleFunc(at+".mod", wantsPassword("me", netrcPassword, bytesOf([]byte(p.mod))))
	mux.HandleFunc(at+".zip", wantsPassword("me", netrcPassword, bytesOf(p.module)))
	return mux
}

func (p *packages) source() string { return "package greeting\n\nconst Nonce = \"" + p.nonce + "\"\n" }

func (p *packages) wheelSum() string {
	sum := sha256.Sum256(p.wheel)
	return hex.EncodeToString(sum[:])
}

// npmLock is the package's entry in package-lock.json.
func (p *packages) npmLock(registry string) string {
	sum := sha512.Sum512(p.npm)
	entry, _ := json.Marshal(map[string]string{
		"version": "1.0.0", "resolved": registry + "/@private/greeting/-/greeting-1.0.0.tgz",
		"integrity": "sha512-" + base64.StdEncoding.EncodeToString(sum[:]),
	})
	return `"node_modules/@private/greeting": ` + string(entry)
}

// uvLock is the package's entry in uv.lock.
func (p *packages) uvLock(index string) string {
	return fmt.Sprintf(`[[package]]
name = "private-greeting"
version = "1.0.0"
source = { registry = "%s/simple" }
wheels = [{ url = "%[1]s/files/private_greeting-1.0.0-py3-none-any.whl", hash = "sha256:%s", size = %d }]

`, index, p.wheelSum(), len(p.wheel))
}

// goSum are the lines of both modules in go.sum.
func (p *packages) goSum() string {
	return sumOf(goModule, "go.mod", p.mod, "greeting.go", p.source()) + sumOf(gitModule, "farewell.go", p.gitSource, "go.mod", p.gitMod)
}

// sumOf are the lines of a module's v1.0.0, its files sorted by name. Source: golang.org/x/mod/sumdb/dirhash, Hash1.
func sumOf(module string, namesAndContents ...string) string {
	h1 := func(lines string) string {
		sum := sha256.Sum256([]byte(lines))
		return "h1:" + base64.StdEncoding.EncodeToString(sum[:])
	}
	line := func(name, content string) string {
		return fmt.Sprintf("%x  %s\n", sha256.Sum256([]byte(content)), name)
	}
	var all, mod string
	for pair := range slices.Chunk(namesAndContents, 2) {
		all += line(module+"@v1.0.0/"+pair[0], pair[1])
		if pair[0] == "go.mod" {
			mod = line(pair[0], pair[1])
		}
	}
	return fmt.Sprintf("%[1]s v1.0.0 %[2]s\n%[1]s v1.0.0/go.mod %[3]s\n", module, h1(all), h1(mod))
}
