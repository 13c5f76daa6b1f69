package network

import (
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/stagecraft/integration/authority"
	"example.com/stagecraft/internal/command"
)

const (
	// As people have them: a URL has to escape them.
	proxyPassword  = "canary/of@proxy"
	mirrorPassword = "canary/of#mirror"
)

// canaries are what may be in no image and on no screen.
var canaries = []string{
	proxyPassword, mirrorPassword, url.QueryEscape(proxyPassword), url.QueryEscape(mirrorPassword), npmToken, netrcPassword,
}

// laboratory is a private network around a repository.
type laboratory struct {
	*repository
	authority *authority.Authority
	packages  *packages
	proxy     *proxy
	at, npm   string            // where the proxy and npm's registry are
	settings  map[string]string // the environment of a person in this network
}

// enter makes the network: whatever leaves it goes through the proxy, which opens all TLS; packages are at private hosts
// behind it, or, for npm, at an address that NO_PROXY names.
func enter(t *testing.T, copies map[string]string) *laboratory {
	t.Helper()
	l := &laboratory{repository: open(t, copies), authority: authority.New(t), packages: newPackages(t, rand.Text())}
	gateway := l.gateway(t)
	l.proxy = &proxy{authority: l.authority, user: "me", password: proxyPassword, private: map[string]http.Handler{
		"go.private.example":     l.packages.moduleProxy(),
		"git.private.example":    l.packages.gitServer(t),
		"pypi.private.example":   l.packages.pythonIndex(),
		"debian.private.example": wantsPassword("me", mirrorPassword, debian()),
	}}
	l.at = listen(t, gateway, l.proxy, nil)
	npm := listen(t, gateway, l.packages.npmRegistry(), l.authority.Server(gateway))
	dir := t.TempDir()
	file := func(name, content string) string {
		place := filepath.Join(dir, name)
		if err := os.WriteFile(place, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return place
	}
	proxyURL := (&url.URL{Scheme: "http", User: url.UserPassword("me", proxyPassword), Host: l.at}).String()
	l.settings = map[string]string{
		"STAGECRAFT_CA": l.authority.Bundle(), "SSL_CERT_FILE": l.authority.Bundle(),
		"HTTP_PROXY": proxyURL, "http_proxy": proxyURL, "HTTPS_PROXY": proxyURL, "https_proxy": proxyURL,
		"NO_PROXY": gateway, "no_proxy": gateway,
		"STAGECRAFT_DEBIAN_MIRROR": "https://me:" + url.QueryEscape(mirrorPassword) + "@debian.private.example/all",
		"GOENV":                    file("goenv", ""),
		"NETRC": file("netrc", fmt.Sprintf("machine go.private.example login me password %s\nmachine git.private.example login me password %[1]s\n"+
			"machine pypi.private.example login me password %[1]s\n", netrcPassword)),
		"NPM_CONFIG_USERCONFIG": file("npmrc", fmt.Sprintf("@private:registry=https://%s/\n//%[1]s/:_authToken=%s\n", npm, npmToken)),
		"UV_CONFIG_FILE":        file("uv.toml", "[[index]]\nname = \"private\"\nurl = \"https://pypi.private.example/simple\"\n"),
	}
	write := command.Command{
		Args: []string{"go", "env", "-w", "GOPROXY=https://go.private.example,https://proxy.golang.org", "GONOSUMDB=go.private.example", "GOPRIVATE=git.private.example"},
		Env:  command.Env("GOENV=" + l.settings["GOENV"]), Stderr: t.Output(),
	}
	if err := write.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	l.npm = "https://" + npm
	return l
}

// debian is the real one, below /all/.
func debian() http.Handler {
	return http.StripPrefix("/all", &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: "deb.debian.org"})
			r.Out.Header.Del("Authorization")
		},
		Transport: outside,
	})
}

// env is the environment without some settings.
func (l *laboratory) env(without ...string) []string {
	var env []string
	for name, value := range l.settings {
		if !slices.Contains(without, name) {
			env = append(env, name+"="+value)
		}
	}
	return env
}

// Services of three languages with a dependency that only private registries have.
func TestPrivatePackages(t *testing.T) {
	id := fmt.Sprint(os.Getpid())
	golang, node, python := "private-go-"+id, "private-node-"+id, "private-python-"+id
	l := enter(t, map[string]string{golang: "hello-go", node: "hello-node", python: "hello-python"})
	all := strings.Join([]string{golang, node, python}, ",")
	// Toolchains come from the open network, for speed: only packages are asked for below.
	if said, err := l.build(t, nil, all); err != nil {
		t.Fatalf("%v\n%s", err, last(said, 60))
	}

	l.edit(t, "services/"+golang+"/go.mod", "\nrequire (", "\nrequire "+goModule+" v1.0.0\n\nrequire (")
	l.edit(t, "services/"+golang+"/go.sum", "github.com", l.packages.goSum()+"github.com")
	l.write(t, "services/"+golang+"/private.go", goSource("private", goModule, "greeting"))
	l.edit(t, "services/"+node+"/package.json", `"dependencies": {`, `"dependencies": {"@private/greeting": "1.0.0",`)
	l.edit(t, "services/"+node+"/package-lock.json", `"dependencies": {`, `"dependencies": {"@private/greeting": "1.0.0",`)
	l.edit(t, "services/"+node+"/package-lock.json", `    "node_modules/@`, l.packages.npmLock(l.npm)+",\n    \"node_modules/@")
	l.edit(t, "services/"+python+"/pyproject.toml", `dependencies = [`, `dependencies = ["private-greeting", `)
	l.edit(t, "services/"+python+"/uv.lock", `    { name = "httpx" },`, "    { name = \"httpx\" },\n    { name = \"private-greeting\" },")
	l.edit(t, "services/"+python+"/uv.lock", "requires-dist = [\n", "requires-dist = [\n    { name = \"private-greeting\" },\n")
	l.edit(t, "services/"+python+"/uv.lock", "[[package]]\nname = \"pygments\"", l.packages.uvLock("https://pypi.private.example")+"[[package]]\nname = \"pygments\"")

	// What a person sees who has not yet made a setting, or a wrong one.
	noCA, anyCase := []string{"STAGECRAFT_CA", "SSL_CERT_FILE"}, []string{"HTTPS_PROXY", "https_proxy"}
	for _, tt := range []struct {
		service string
		without []string
		with    string
		says    []string // any of them: steps run in parallel, and the first one to fail ends the build
	}{
		{golang, noCA, "", []string{"certificate signed by unknown authority"}},
		{node, noCA, "", []string{"UNABLE_TO_VERIFY_LEAF_SIGNATURE", "certificate verify failed"}},
		{python, noCA, "", []string{"invalid peer certificate: UnknownIssuer", "certificate verify failed"}},
		{golang, []string{"NETRC"}, "", []string{"401 Unauthorized"}},
		{node, []string{"NPM_CONFIG_USERCONFIG"}, "", []string{"E401"}},
		{python, []string{"NETRC"}, "", []string{"401 Unauthorized"}},
		{python, []string{"UV_CONFIG_FILE"}, "", []string{"was not found in the package registry"}},
		{golang, anyCase, "HTTPS_PROXY=http://" + l.at, []string{"Proxy Authentication Required"}},
		{golang, anyCase, "HTTPS_PROXY=http://127.0.0.1:9", []string{"connect: connection refused"}},
	} {
		env := l.env(tt.without...)
		if tt.with != "" {
			env = append(env, tt.with)
		}
		said, err := l.build(t, env, tt.service)
		if err == nil {
			t.Errorf("%s is built without %v, with %s", tt.service, tt.without, tt.with)
		}
		found := slices.ContainsFunc(tt.says, func(words string) bool { return strings.Contains(said, words) })
		if !found || !strings.Contains(said, "docs/private-networks.md") {
			t.Errorf("%s without %v, with %s: nothing says %q, or where to read on:\n%s", tt.service, tt.without, tt.with, tt.says, last(said, 40))
		}
		for _, words := range tt.says {
			l.documented(t, words)
		}
		l.saysNothing(t, said)
	}

	// A module without a module proxy: the go command runs git, and shows little of what git says.
	l.edit(t, "services/"+golang+"/go.mod", "require "+goModule, "require "+gitModule+" v1.0.0\n\nrequire "+goModule)
	l.write(t, "services/"+golang+"/private_git.go", goSource("privateGit", gitModule, "farewell"))
	const noAnswer = "no secure protocol found for repository"
	if said, err := l.build(t, l.env("NETRC"), golang); err == nil || !strings.Contains(said, noAnswer) && !strings.Contains(said, "401 Unauthorized") {
		t.Errorf("without NETRC, a module from git gives %v; nothing says %q:\n%s", err, noAnswer, last(said, 40))
	}
	l.documented(t, noAnswer)

	said, err := l.build(t, l.env(), all)
	if err != nil {
		t.Fatalf("%v\n%s", err, last(said, 60))
	}
	for _, host := range []string{"go.private.example", "git.private.example", "proxy.golang.org", "pypi.private.example"} {
		if !l.proxy.asked(host) {
			t.Errorf("the proxy was not asked for %s, but for %v", host, l.proxy.hosts)
		}
	}
	if host, _, _ := net.SplitHostPort(strings.TrimPrefix(l.npm, "https://")); l.proxy.asked(host) {
		t.Errorf("the proxy was asked for %s, which NO_PROXY names", host)
	}
	if len(l.proxy.leaks) > 0 {
		t.Errorf("public hosts were sent credentials: %v", l.proxy.leaks)
	}
	for name := range l.settings {
		if strings.ToUpper(name) == name && name != "SSL_CERT_FILE" {
			l.documented(t, name)
		}
	}
	for _, service := range []string{golang, node, python} {
		l.keepsSecrets(t, service, l.packages.nonce)
	}
	l.keepsSecrets(t, golang, "bye"+l.packages.nonce)
	l.saysNothing(t, said)
}

// goSource is a file that puts the Nonce of a package into the program.
func goSource(name, module, pkg string) string {
	return fmt.Sprintf("package main\n\nimport (\n\t\"os\"\n\n\t%s %q\n)\n\nvar %s = %[1]s.Nonce\n\n"+
		"func init() {\n\tif len(os.Args) > 99 {\n\t\tprintln(%[3]s)\n\t}\n}\n", pkg, module, name)
}

// keepsSecrets holds an image to having no canary, and to having what is known to be in it.
func (l *laboratory) keepsSecrets(t *testing.T, service, known string) {
	t.Helper()
	pem, err := os.ReadFile(l.authority.Bundle())
	if err != nil {
		t.Fatal(err)
	}
	body := strings.Split(string(pem), "\n")[1]
	found := l.holds(t, service, append([]string{known, body, "private.example/"}, canaries...)...)
	if found[known] == "" {
		t.Errorf("%s: its private package is not found in its image: the search is blind", service)
	}
	delete(found, known)
	if strings.HasPrefix(service, "private-go") { // Go binaries name their modules
		delete(found, "private.example/")
	}
	if len(found) > 0 {
		t.Errorf("%s: its image holds %v", service, found)
	}
}

// documented holds docs/private-networks.md to telling of what a person sees or sets.
func (l *laboratory) documented(t *testing.T, words string) {
	t.Helper()
	doc, err := os.ReadFile("../../docs/private-networks.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(doc), words) {
		t.Errorf("docs/private-networks.md does not tell of %q", words)
	}
}

func (l *laboratory) saysNothing(t *testing.T, said string) {
	t.Helper()
	for _, canary := range canaries {
		if strings.Contains(said, canary) {
			t.Errorf("the build prints %s", canary)
		}
	}
}

// last are the last lines of a text.
func last(text string, n int) string {
	lines := strings.Split(text, "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
