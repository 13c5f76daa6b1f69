package engine

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// endpoint is where a docker context leads.
type endpoint struct {
	host  string
	certs string // folder of ca.pem, cert.pem and key.pem; empty: none
}

// currentContext is the docker context in use and where it leads. An empty host is docker's default context.
// Source: https://docs.docker.com/engine/manage-resources/contexts/ and docker/cli's cli/context/store, for the layout.
func currentContext() (name string, _ endpoint, err error) {
	config := os.Getenv("DOCKER_CONFIG")
	if config == "" {
		// Without a home there is no docker configuration either: none is found then.
		home, _ := os.UserHomeDir()
		config = filepath.Join(home, ".docker")
	}
	if name = os.Getenv("DOCKER_CONTEXT"); name == "" {
		var settings struct{ CurrentContext string }
		if err := readJSON(filepath.Join(config, "config.json"), &settings); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", endpoint{}, fmt.Errorf("read docker's settings: %w", err)
		}
		name = settings.CurrentContext
	}
	if name == "" || name == "default" {
		return "", endpoint{}, nil
	}
	id := fmt.Sprintf("%x", sha256.Sum256([]byte(name)))
	var meta struct {
		Endpoints struct{ Docker struct{ Host string } }
	}
	if err := readJSON(filepath.Join(config, "contexts", "meta", id, "meta.json"), &meta); err != nil {
		return "", endpoint{}, fmt.Errorf("read docker context %q, which is in use: %w; choose another with `docker context use`", name, err)
	}
	if meta.Endpoints.Docker.Host == "" {
		return "", endpoint{}, fmt.Errorf("the current docker context %q has no engine; choose another with `docker context use`", name)
	}
	found := endpoint{host: meta.Endpoints.Docker.Host}
	if certs := filepath.Join(config, "contexts", "tls", id, "docker"); isDir(certs) {
		found.certs = certs
	}
	return name, found, nil
}

func readJSON(file string, into any) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

func isDir(p string) bool {
	info, err := os.Stat(p)
	return err == nil && info.IsDir()
}
