package tooling

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/stagecraft/integration/authority"
	"example.com/stagecraft/integration/secretscan"
	"example.com/stagecraft/internal/build"
	"example.com/stagecraft/internal/catalog"
)

// canaries are values that stand for what must not be found: one in each build secret, and one in a proxy's address. They are
// random and live in out/canary as long as the log of all builds that were given them: when something was found, or the log
// has grown large, the next test begins with new ones, and with builds in which every step that reads one runs again.
type canaries struct {
	secrets []secretscan.Secret
	given   map[string][]byte // secret id → what builds are given
	log     string            // the file
	search  *secretscan.Search
}

// settings are by which variable a build is given each secret, and what a harmless file of its kind looks like with a
// canary inside.
var settings = map[string]struct{ variable, text string }{
	"ca":    {build.CASetting, "\n# %s\n"},
	"goenv": {"GOENV", "\nGOPRIVATE=canary.example/%s\n"},
	"netrc": {"NETRC", "machine canary.example login canary password %s\n"},
	"npmrc": {"NPM_CONFIG_USERCONFIG", "\n//canary.example/:_authToken=%s\n"},
	"pip":   {"PIP_CONFIG_FILE", "\n# %s\n"},
	"uv":    {"UV_CONFIG_FILE", "\n[[index]]\nname = \"canary\"\nurl = \"https://canary.example/%s/simple\"\nexplicit = true\n"},
}

// release makes canaries and gives them to every build of this test. What a secret holds on this machine stays in it: builds
// go on to need that.
func release(t *testing.T, root string) canaries {
	t.Helper()
	dir := filepath.Join(root, "out", "canary")
	seedFile := filepath.Join(dir, "seed")
	c := canaries{given: map[string][]byte{}, log: filepath.Join(dir, "build.log")}
	log, err := os.Stat(c.log)
	seed, err2 := os.ReadFile(seedFile)
	if err != nil || err2 != nil || log.Size() > 20<<20 {
		seed = make([]byte, 32)
		_, _ = rand.Read(seed)
		mustNot(t, os.RemoveAll(dir), os.MkdirAll(dir, 0o700), os.WriteFile(seedFile, seed, 0o600), os.WriteFile(c.log, nil, 0o600))
	}
	t.Cleanup(func() {
		if t.Failed() {
			_ = os.Remove(seedFile)
		}
	})
	value := func(name string) string {
		sum := sha256.Sum256(append([]byte(name), seed...))
		return "Canary/" + base64.StdEncoding.EncodeToString(sum[:24])[:32] + "+" // with what URLs escape
	}
	everything := catalog.Service{BuildSecrets: catalog.SecretNames}
	offered, err := build.SecretFiles(everything)
	mustNot(t, err)
	for id, s := range settings {
		c.secrets = append(c.secrets, secretscan.Secret{Name: id, Value: value(id)})
		var content []byte
		if file := offered[id]; file != "" {
			content, err = os.ReadFile(file)
			mustNot(t, err)
		}
		content = fmt.Appendf(content, s.text, value(id))
		if id == "ca" {
			content = append(content, canaryAuthority(t, dir, value(id))...)
		}
		c.given[id] = content
		mustNot(t, os.WriteFile(filepath.Join(dir, id), content, 0o600))
		t.Setenv(s.variable, filepath.Join(dir, id))
	}
	mirror, err := url.Parse(cmp.Or(os.Getenv(build.DebianSetting), "http://deb.debian.org"))
	mustNot(t, err)
	if mirror.User == nil { // the password of a mirror in use must go on to work
		c.secrets = append(c.secrets, secretscan.Secret{Name: "debian-mirror", Value: value("debian-mirror")})
		mirror.User = url.UserPassword("canary", value("debian-mirror"))
	}
	c.given["debian-mirror"] = []byte(mirror.String())
	t.Setenv(build.DebianSetting, mirror.String())
	// Of all proxies, nothing here uses this one.
	c.secrets = append(c.secrets, secretscan.Secret{Name: "password of a proxy", Value: value("proxy")})
	c.search, err = secretscan.New(c.secrets...)
	mustNot(t, err)
	proxy := url.URL{Scheme: "http", User: url.UserPassword("canary", value("proxy")), Host: "proxy.canary.example:3128"}
	t.Setenv("FTP_PROXY", proxy.String())
	return c
}

// canaryAuthority is a certificate in whose name a canary is, the same for each call in a folder.
func canaryAuthority(t *testing.T, dir, name string) []byte {
	t.Helper()
	file := (&authority.Authority{Dir: dir}).Bundle()
	if _, err := os.Stat(file); err != nil {
		authority.Named(t, dir, name)
	}
	data, err := os.ReadFile(file)
	mustNot(t, err)
	return data
}

// witness makes a repository's builds prove that the canaries reach them. A secret's content is in no cache key of BuildKit's:
// left alone, every step would be taken from the cache of a build that had other secrets. The script with-secrets is part of
// each stage that reads one, so a digest of the canaries in it makes these stages run again, once; and each step fails there
// unless its secrets are the canaries. In the Dockerfiles, secrets are no longer optional.
func (c canaries) witness(t *testing.T, root string) {
	t.Helper()
	var cases strings.Builder
	for _, id := range slices.Sorted(maps.Keys(c.given)) {
		fmt.Fprintf(&cases, "    %q) echo \"with-secrets: %s is its canary\" >&2 ;;\n", fmt.Sprintf("%s %x  -", id, sha256.Sum256(c.given[id])), id)
	}
	replace(t, filepath.Join(root, "dockerfiles", "bin", "with-secrets"), "\n\"$@\" && exit\n", `
for file in $files; do
    [ -e "${file#*=}" ] || continue
    case "${file%%=*} $(sha256sum <"${file#*=}")" in
`+cases.String()+`    *) echo "with-secrets: ${file%%=*} is not its canary" >&2 && exit 70 ;;
    esac
done
"$@" && exit
`)
	for _, pattern := range []string{"services/*/Dockerfile", "examples/*/Dockerfile", "dockerfiles/*.Dockerfile"} {
		files, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern)))
		mustNot(t, err)
		for _, file := range files {
			if text, err := os.ReadFile(file); err == nil && bytes.Contains(text, []byte("type=secret,")) {
				replace(t, file, "type=secret,", "type=secret,required=true,")
			}
		}
	}
}

// replace replaces a text in a file, which must have it, wherever it is.
func replace(t *testing.T, file, before, after string) {
	t.Helper()
	info, err := os.Stat(file)
	mustNot(t, err)
	data, err := os.ReadFile(file)
	mustNot(t, err)
	if !bytes.Contains(data, []byte(before)) {
		t.Fatalf("%s has no %q; change this test", file, before)
	}
	mustNot(t, os.WriteFile(file, bytes.ReplaceAll(data, []byte(before), []byte(after)), info.Mode()))
}

// mustNot ends the test at the first error.
func mustNot(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}
