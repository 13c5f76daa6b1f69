package build

import (
	"encoding/json"
	"path"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/render"
)

// compression is how every layer is compressed. BuildKit knows four levels of zstd; 19 is in the highest (10 to 22). A
// layer keeps the first compression that it got unless it is forced.
const compression = "compression=zstd,compression-level=19,force-compression=true,oci-mediatypes=true"

// overlay is a bake file that adds to the committed one what depends on the machine: where results go, where bases and
// cached steps come from, which secrets are offered. Results are OCI layouts alone: every builder can export them to this
// machine, wherever it runs, and the engine is given its images from them.
type overlay struct {
	Target map[string]*target `json:"target"`
}

// target is what an overlay sets of a bake target.
// Source: https://docs.docker.com/build/bake/reference/#target
type target struct {
	Context    string            `json:"context,omitempty"`
	Dockerfile string            `json:"dockerfile,omitempty"`
	Target     string            `json:"target,omitempty"`
	Platforms  []string          `json:"platforms,omitempty"`
	Tags       []string          `json:"tags,omitempty"`
	Contexts   map[string]string `json:"contexts,omitempty"`
	Args       map[string]string `json:"args,omitempty"`
	Secret     []string          `json:"secret,omitempty"`
	Output     []string          `json:"output,omitempty"`
	CacheFrom  []string          `json:"cache-from,omitempty"`
	CacheTo    []string          `json:"cache-to,omitempty"`
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
		main, test := *common, *common
		if main.CacheFrom, main.CacheTo, err = caches(s.Name); err != nil {
			return overlay{}, nil, err
		}
		test.CacheFrom = main.CacheFrom
		o.Target[render.TestTarget(s)] = &test

		for _, p := range sel.Platforms {
			main.Platforms = append(main.Platforms, string(p))
		}
		main.Output = []string{"type=oci,tar=false," + quoted("dest="+path.Join(exports, s.Name)) + "," + compression}
		o.Target[s.Name] = &main
		targets = append(targets, s.Name)
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

// unpublished are inputs of what is neither pushed nor published: any secret that some service may have is good for it.
func unpublished(bases Bases) (*target, error) {
	return inputs(catalog.Service{BuildSecrets: catalog.SecretNames}, bases)
}

func (o overlay) bytes() ([]byte, error) { return json.MarshalIndent(o, "", "  ") }
