package engine

import (
	"strings"

	"example.com/stagecraft/bare/internal/say"
)

// announce says what is about to be installed, before it is.
func (h Home) announce(tell say.Func, packages []string, missing []program) {
	tell("no Docker engine answers, so a private one is made ready:")
	if len(missing) > 0 {
		tell("  what: moby %s, containerd %s, runc %s, buildx %s, compiled from pinned Go modules (%d of %d programs to go)",
			mobyVersion(), pinned("containerd", "github.com/containerd/containerd/v2"),
			pinned("runc", "github.com/opencontainers/runc"), pinned("buildx", "github.com/docker/buildx"), len(missing), len(programs))
	}
	if len(packages) > 0 {
		tell("  Debian packages: %s", strings.Join(packages, " "))
	}
	tell("  where: %s and a network bridge %s; a Docker of this system is not touched", h, h.bridge())
	if len(missing) > 0 {
		tell("  how long: about 5 minutes on two cores, once")
	}
	tell("  refuse: STAGECRAFT_ENGINE=off; remove: go tool mage engine:remove")
}
