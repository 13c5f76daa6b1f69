package build

import (
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"example.com/stagecraft/internal/catalog"
)

// Settings of private networks.
const (
	// CASetting names a PEM bundle whose certificate authorities builds shall trust.
	CASetting = "STAGECRAFT_CA"
	// DebianSetting is the URL of what is asked instead of http://deb.debian.org; below it are debian/ and
	// debian-security/. It may hold a name and a password.
	DebianSetting = "STAGECRAFT_DEBIAN_MIRROR"
)

// hostBundles are where systems keep their bundle. Source: Go's crypto/x509/root_linux.go; macOS and the BSDs have the
// last.
var hostBundles = []string{
	"/etc/ssl/certs/ca-certificates.crt",
	"/etc/pki/tls/certs/ca-bundle.crt",
	"/etc/ssl/ca-bundle.pem",
	"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
	"/etc/ssl/cert.pem",
}

// secrets are what s's build is offered, as bake takes it, sorted: the settings of a machine to each build, the files of
// a language's tools to those that ask for them.
func secrets(s catalog.Service, standIn bool) ([]string, error) {
	mirror, err := debianMirror()
	if err != nil {
		return nil, err
	}
	// The host's own bundle is offered with stand-ins: where they are needed, a proxy that signs with a CA of its own is
	// likely. It is offered for an https mirror too, since slim images have no bundle. Elsewhere bases know what is needed.
	files, err := secretFiles(s, standIn || strings.HasPrefix(mirror, "https:"))
	if err != nil {
		return nil, err
	}
	var offered []string
	for id, file := range files {
		offered = append(offered, "type=file,id="+id+","+quoted("src="+file))
	}
	if mirror != "" {
		offered = append(offered, "type=env,id=debian-mirror,env="+DebianSetting)
	}
	slices.Sort(offered)
	return offered, nil
}

// SecretFiles are the files of this machine that a build of s would be offered where stand-ins are used, by secret id.
func SecretFiles(s catalog.Service) (map[string]string, error) { return secretFiles(s, true) }

func secretFiles(s catalog.Service, hostBundle bool) (map[string]string, error) {
	bundle, err := firstFile(CASetting)
	if err == nil && bundle == "" && hostBundle {
		bundle, err = firstFile("", append([]string{os.Getenv("SSL_CERT_FILE")}, hostBundles...)...)
	}
	if err != nil {
		return nil, err
	}
	files := map[string]string{"ca": bundle}
	for _, id := range s.BuildSecrets {
		tool := toolFiles()[id]
		if files[id], err = firstFile(tool.variable, tool.places...); err != nil {
			return nil, err
		}
	}
	maps.DeleteFunc(files, func(_, file string) bool { return file == "" })
	return files, nil
}

// toolFile is where a tool keeps its settings: the file that a variable names, else the first one of places.
type toolFile struct {
	variable string
	places   []string
}

func toolFiles() map[string]toolFile {
	home, _ := os.UserHomeDir()
	config, _ := os.UserConfigDir()
	// pip and uv look in ~/.config on macOS too.
	configs := []string{config, filepath.Join(home, ".config")}
	in := func(folders []string, names ...string) (places []string) {
		for _, folder := range folders {
			for _, name := range names {
				places = append(places, filepath.Join(folder, name))
			}
		}
		return places
	}
	return map[string]toolFile{
		"goenv": {"GOENV", in([]string{config}, "go/env")},
		"netrc": {"NETRC", in([]string{home}, ".netrc", "_netrc")},
		"npmrc": {"NPM_CONFIG_USERCONFIG", in([]string{home}, ".npmrc")},
		"pip":   {"PIP_CONFIG_FILE", in(configs, "pip/pip.conf", "pip/pip.ini")},
		"uv":    {"UV_CONFIG_FILE", in(configs, "uv/uv.toml")},
	}
}

// firstFile is the absolute path of the file that a variable of the environment names; where it names none, of the first
// one of places that exists; empty when none does. A named file that does not exist is an error; /dev/null, and GOENV's
// "off", are ways to say that nothing shall be offered.
func firstFile(variable string, places ...string) (string, error) {
	if named := os.Getenv(variable); named != "" {
		if info, err := os.Stat(named); named != "off" && (err != nil || info.IsDir()) {
			return "", fmt.Errorf("offer %s=%s to builds: that is not a file; fix or unset %[1]s", variable, named)
		}
		places = []string{named}
	}
	i := slices.IndexFunc(places, isFile)
	if i < 0 {
		return "", nil
	}
	return filepath.Abs(places[i])
}

// debianMirror is the mirror's URL, empty when none is set.
func debianMirror() (string, error) {
	mirror := os.Getenv(DebianSetting)
	if mirror == "" {
		return "", nil
	}
	if u, err := url.Parse(mirror); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", fmt.Errorf("ask a mirror of Debian: %s is not a URL; write one such as https://mirror.example.com, which has debian/ and debian-security/", DebianSetting)
	}
	return mirror, nil
}

// proxies are the build arguments that BuildKit knows beforehand and keeps out of history and cache keys.
// Source: https://docs.docker.com/reference/dockerfile/#predefined-args
func proxies() map[string]string {
	args := map[string]string{}
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "FTP_PROXY", "ftp_proxy", "NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy"} {
		if value := os.Getenv(name); value != "" {
			args[name] = value
		}
	}
	return args
}

func isFile(p string) bool {
	info, err := os.Stat(p)
	return err == nil && info.Mode().IsRegular()
}
