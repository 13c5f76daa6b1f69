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

// What root may do in a container depends on how it was started; these two
// capabilities mount file systems and make network devices.
const (
	capNetAdmin = 1 << 12
	capSysAdmin = 1 << 21
	needed      = capNetAdmin | capSysAdmin
)

// allowed reports whether a private engine may be made on a system, by a user
// with these capabilities.
func allowed(system string, uid int, capabilities uint64) error {
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
	if capabilities&needed != needed {
		return errors.New("starting a private engine: root may not mount or make networks in this container; run the container with --privileged, or mount an engine's socket into it and set DOCKER_HOST")
	}
	return nil
}
