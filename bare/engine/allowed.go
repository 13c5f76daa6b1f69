package engine

import (
	"errors"
	"os"
)

// ways are the ways to get Docker, by system.
var ways = map[string]string{
	"linux":   "install Docker (Debian, Ubuntu: `sudo apt-get install docker.io docker-buildx`; Fedora: `sudo dnf install moby-engine`) and join the group docker, or run rootless Docker or Podman and set DOCKER_HOST to its socket",
	"darwin":  "install Docker Desktop, OrbStack, Colima or Rancher Desktop and start it; DOCKER_HOST or `docker context use NAME` chooses among several",
	"windows": "install Docker Desktop or Rancher Desktop and start it; DOCKER_HOST or `docker context use NAME` chooses among several; or work inside WSL 2 as on Linux",
}

// allowed tells whether a private engine may be made on a system by a user.
func allowed(system string, uid int) error {
	if os.Getenv("STAGECRAFT_ENGINE") == "off" {
		return errors.New("starting a private engine: STAGECRAFT_ENGINE=off forbids it; unset it, or set DOCKER_HOST to an engine of yours")
	}
	way, known := ways[system]
	if !known {
		way = ways["linux"]
	}
	if system != "linux" {
		return errors.New("starting a private engine: that needs Linux; " + way)
	}
	if uid != 0 {
		return errors.New("starting a private engine: that needs root; " + way)
	}
	return nil
}
