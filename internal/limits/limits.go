// Package limits is the runtime contract of services: what a container is given, and that it may do nothing else. Tests run
// services under it, and what is rendered for Compose and Kubernetes states it.
package limits

import (
	"time"

	"example.com/stagecraft/internal/catalog"
)

const (
	// Start is how long a service may take from its start to being ready, on its own platform.
	Start = time.Minute
	// Stop is how long it may take to end after SIGTERM, DRAIN_DELAY aside: the grace that Docker gives before it kills.
	Stop = 10 * time.Second
	// TmpfsOptions are those of each folder that may be written. Without a mode, a restarted container has the folder with that
	// of the mount point, 0755, and its owner, root.
	TmpfsOptions = "mode=1777"
)

// Container is what a container of a service may use, in the words of docker run. It sets no user: the image must have a
// right one.
type Container struct {
	ReadOnly    bool
	CapDrop     []string
	SecurityOpt []string
	Memory      catalog.Bytes // hard limit, without swap
	Tmpfs       []string      // absolute paths, each mounted with TmpfsOptions
}

// Of is the contract of a service.
func Of(service catalog.Service) Container {
	return Container{
		ReadOnly:    true,
		CapDrop:     []string{"ALL"},
		SecurityOpt: []string{"no-new-privileges"},
		Memory:      service.Run.Memory,
		Tmpfs:       service.Run.Tmpfs,
	}
}
