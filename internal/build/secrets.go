package build

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"example.com/stagecraft/internal/catalog"
)

// CASetting names a PEM bundle whose certificate authorities builds shall trust.
const CASetting = "STAGECRAFT_CA"

// hostBundles are where systems keep their bundle. Source: Go's crypto/x509/root_linux.go; macOS and the BSDs have the
// last.
var hostBundles = []string{
	"/etc/ssl/certs/ca-certificates.crt",
	"/etc/pki/tls/certs/ca-bundle.crt",
	"/etc/ssl/ca-bundle.pem",
	"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
	"/etc/ssl/cert.pem",
}

// secrets are the files that s's build is offered, by secret id. The host's own CA bundle is offered with stand-ins only:
// where they are needed, a proxy that signs with a CA of its own is likely, and elsewhere the official bases know all
// that is needed.
func secrets(s catalog.Service, standIn bool) (map[string]string, error) {
	found := map[string]string{}
	if bundle := os.Getenv(CASetting); bundle != "" {
		if !isFile(bundle) {
			return nil, fmt.Errorf("offer the CA bundle to builds: %s=%s is not a file", CASetting, bundle)
		}
		found["ca"] = bundle
	} else if standIn {
		candidates := append([]string{os.Getenv("SSL_CERT_FILE")}, hostBundles...)
		if i := slices.IndexFunc(candidates, isFile); i >= 0 {
			found["ca"] = candidates[i]
		}
	}
	home, _ := os.UserHomeDir()
	config, _ := os.UserConfigDir()
	places := map[string][]string{
		"netrc": {os.Getenv("NETRC"), filepath.Join(home, ".netrc")},
		"npmrc": {os.Getenv("NPM_CONFIG_USERCONFIG"), filepath.Join(home, ".npmrc")},
		"uv":    {os.Getenv("UV_CONFIG_FILE"), filepath.Join(config, "uv", "uv.toml")},
	}
	for _, id := range s.BuildSecrets {
		if i := slices.IndexFunc(places[id], isFile); i >= 0 {
			found[id] = places[id][i]
		}
	}
	for id, file := range found {
		absolute, err := filepath.Abs(file)
		if err != nil {
			return nil, fmt.Errorf("offer %s to builds: %w", file, err)
		}
		found[id] = absolute
	}
	return found, nil
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
