// Package engine installs, starts, describes and removes a private Docker
// engine: one that lives in a single folder and shares nothing with a Docker
// that the machine may already have.
package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// Home is the folder that holds all of one private engine.
type Home string

// longestSocket is the deepest socket that dockerd makes below a Home; the
// kernel takes 107 bytes for a socket's path.
const (
	longestSocket = "run/containerd/containerd-debug.sock"
	socketLimit   = 107
)

// FindHome returns the engine's folder: below STAGECRAFT_HOME, or else below
// the user's cache folder.
func FindHome() (Home, error) {
	root, err := Root()
	if err != nil {
		return "", err
	}
	dir, err := followLinks(filepath.Join(root, "engine"))
	if err != nil {
		return "", err
	}
	if _, err := setFolder(programsSetting); err != nil {
		return "", err // here, so that programs need not fail
	}
	h := Home(dir)
	if n := len(h.path(longestSocket)); n > socketLimit && runtime.GOOS == "linux" {
		return "", fmt.Errorf("placing the engine in %s: its sockets would have names of %d bytes, over the kernel's %d; set STAGECRAFT_HOME to a shorter folder", h, n, socketLimit)
	}
	return h, nil
}

// Root returns the folder of everything that is kept between runs.
func Root() (string, error) {
	root, err := setFolder("STAGECRAFT_HOME")
	if err != nil {
		return "", err
	}
	if root == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("finding a cache folder: %w; set STAGECRAFT_HOME to a folder of your choice", err)
		}
		root = filepath.Join(cache, "stagecraft")
	}
	return followLinks(root)
}

// Host is the engine's address as DOCKER_HOST wants it.
func (h Home) Host() string { return "unix://" + h.socket() }

func (h Home) path(name string) string { return filepath.Join(string(h), name) }

func (h Home) socket() string     { return h.path("docker.sock") }
func (h Home) configFile() string { return h.path("daemon.json") }
func (h Home) pidFile() string    { return h.path("dockerd.pid") }
func (h Home) dataRoot() string   { return h.path("data") }
func (h Home) execRoot() string   { return h.path("run") }
func (h Home) logFile() string    { return h.path("engine.log") }
func (h Home) installLog() string { return h.path("install.log") }
func (h Home) stateFile() string  { return h.path("state.json") }

// lockFile lies next to the folder, so that removing the folder keeps the lock.
func (h Home) lockFile() string { return string(h) + ".lock" }

// tag tells the engines of one machine apart: it ends the names of the
// network bridge and firewall chain, which are the machine's, not the folder's.
func (h Home) tag() string {
	sum := sha256.Sum256([]byte(h))
	return hex.EncodeToString(sum[:4])
}

func (h Home) bridge() string { return "sc-" + h.tag() }
func (h Home) chain() string  { return "STAGECRAFT-" + h.tag() }

// programsSetting lets several engines of one machine share their programs.
const programsSetting = "STAGECRAFT_PROGRAMS"

// programs is where compiled programs lie.
func (h Home) programs() string {
	if dir, _ := setFolder(programsSetting); dir != "" {
		return dir
	}
	return h.path("programs")
}
