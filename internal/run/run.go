// Package run starts the image of a service under the runtime contract and sees it to its end.
//
// It goes through testcontainers-go and so stays out of the magefile's imports, which must compile in a moment.
package run

import (
	"fmt"

	"example.com/stagecraft/internal/catalog"
)

// Spec says what to start.
type Spec struct {
	Service  catalog.Service
	Platform catalog.Platform
	// Env is given to the container on top of the service's own environment.
	Env map[string]string
	// Unprobed leaves out the image's HEALTHCHECK, where it is not what is asked: an emulated probe may cost seconds of the
	// processor that the service needs to start.
	Unprobed bool

	emulated bool // found by Launch: the platform is not the engine's own
}

// Image is the tag under which the engine holds the image. There is one tag a platform: a tag for several platforms would
// make testcontainers-go look at the native variant only and then try to pull the other one.
func (s Spec) Image() string {
	return fmt.Sprintf("stagecraft/%s:dev-%s", s.Service.Name, s.Platform.Arch())
}

// String names the service and the platform in messages.
func (s Spec) String() string {
	return fmt.Sprintf("%s on %s", s.Service.Name, s.Platform)
}

func (s Spec) environment() map[string]string {
	env := make(map[string]string, len(s.Service.Environment)+len(s.Env))
	for key, value := range s.Service.Environment {
		env[key] = value
	}
	for key, value := range s.Env {
		env[key] = value
	}
	return env
}
