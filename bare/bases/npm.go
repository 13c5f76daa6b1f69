package bases

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path"
	"strings"
)

// npmPackage is a pinned package of the npm registry.
type npmPackage struct {
	name, version string
	integrity     string // as in a lock file
}

// registry is what npm would ask: the user's setting, or npm's default.
func registry() string {
	for _, name := range []string{"npm_config_registry", "NPM_CONFIG_REGISTRY"} {
		if url := os.Getenv(name); url != "" {
			return strings.TrimSuffix(url, "/")
		}
	}
	if out, err := exec.Command("npm", "config", "get", "registry").Output(); err == nil {
		if url := strings.TrimSpace(string(out)); strings.HasPrefix(url, "http") {
			return strings.TrimSuffix(url, "/")
		}
	}
	return "https://registry.npmjs.org"
}

// fetch downloads the package and checks that it is the pinned one.
func (b *builder) fetch(p npmPackage) ([]byte, error) {
	url := fmt.Sprintf("%s/%s/-/%s-%s.tgz", registry(), p.name, path.Base(p.name), p.version)
	what := fmt.Sprintf("downloading the npm package %s@%s", p.name, p.version)
	req, err := http.NewRequestWithContext(b.ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s answered %s", what, url, resp.Status)
	}
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, fmt.Errorf("%s: %w; run the same command again", what, err)
	}
	return data, p.check(data)
}

// check compares the bytes with the pin.
func (p npmPackage) check(data []byte) error {
	sum := sha512.Sum512(data)
	if got := "sha512-" + base64.StdEncoding.EncodeToString(sum[:]); got != p.integrity {
		return fmt.Errorf("checking the npm package %s@%s: it is %s, pinned is %s; do not use it before knowing why", p.name, p.version, got, p.integrity)
	}
	return nil
}

// unpack calls back with every file of an npm package, by its name inside.
func unpack(tgz []byte, each func(name string, h *tar.Header, r io.Reader) error) error {
	z, err := gzip.NewReader(bytes.NewReader(tgz))
	if err != nil {
		return err
	}
	for t := tar.NewReader(z); ; {
		h, err := t.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		// All lies below one folder, mostly called package.
		_, name, ok := strings.Cut(path.Clean(h.Name), "/")
		if !ok || h.Typeflag != tar.TypeReg {
			continue
		}
		if err := each(name, h, t); err != nil {
			return err
		}
	}
}
