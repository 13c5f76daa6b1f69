package build

import (
	"encoding/json"
	"fmt"
	"path"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/render"
)

// compression is how every layer is compressed. BuildKit knows four levels of zstd; 19 is in the highest (10 to 22). A
// layer keeps the first compression that it got unless it is forced.
const compression = "compression=zstd,compression-level=19,force-compression=true,oci-mediatypes=true"

// overlay is a bake file that adds to the committed one what depends on the machine: where results go, where bases come
// from, which secrets are offered.
type overlay struct {
	Target map[string]*target `json:"target"`
}

// target is what an overlay sets of a bake target.
// Source: https://docs.docker.com/build/bake/reference/#target
type target struct {
	Inherits   []string          `json:"inherits,omitempty"`
	Context    string            `json:"context,omitempty"`
	Dockerfile string            `json:"dockerfile,omitempty"`
	Target     string            `json:"target,omitempty"`
	Platforms  []string          `json:"platforms,omitempty"`
	Tags       []string          `json:"tags,omitempty"`
	Contexts   map[string]string `json:"contexts,omitempty"`
	Args       map[string]string `json:"args,omitempty"`
	Secret     []string          `json:"secret,omitempty"`
	Output     []string          `json:"output,omitempty"`
	NoCache    bool              `json:"no-cache,omitempty"`
}

// newOverlay is the overlay for sel; layouts are exported to folders of exports, which has forward slashes. Its second
// value are the targets to bake.
func newOverlay(sel Selection, bases Bases, exports string) (overlay, []string, error) {
	o := overlay{Target: map[string]*target{}}
	var targets []string
	for _, s := range sel.Services {
		common, err := inputs(s, bases)
		if err != nil {
			return overlay{}, nil, err
		}
		test := *common
		o.Target[render.TestTarget(s)] = &test

		main := *common
		for _, p := range sel.Platforms {
			main.Platforms = append(main.Platforms, string(p))
		}
		main.Output = []string{
			fmt.Sprintf("type=oci,tar=false,dest=%s,%s", path.Join(exports, s.Name), compression),
			"type=image," + compression,
		}
		o.Target[s.Name] = &main
		targets = append(targets, s.Name)
		// An engine asked for one platform of a tag that holds several answers with its own: hence a tag for each.
		for _, p := range sel.Platforms {
			name := s.Name + "-" + p.Arch()
			o.Target[name] = &target{
				Inherits:  []string{s.Name},
				Platforms: []string{string(p)},
				Tags:      []string{Tag(s.Name, p)},
				Output:    []string{"type=image," + compression},
			}
			targets = append(targets, name)
		}
	}
	return o, targets, nil
}

// inputs are what every build of s is given.
func inputs(s catalog.Service, bases Bases) (*target, error) {
	offered, err := secrets(s, bases.StandIn)
	if err != nil {
		return nil, err
	}
	return &target{Contexts: bases.Contexts, Args: proxies(), Secret: offered}, nil
}

func (o overlay) bytes() ([]byte, error) { return json.MarshalIndent(o, "", "  ") }

// Tag is the engine's tag of a service's image for one platform.
func Tag(service string, p catalog.Platform) string { return Image(service) + "-" + p.Arch() }

// Image is the engine's tag of a service's image for all platforms.
func Image(service string) string { return "stagecraft/" + service + ":dev" }
