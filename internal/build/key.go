package build

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"example.com/stagecraft/internal/catalog"
)

// Keys is, by service, the digest of all that its image is made from, as Build compares it with the last build's. It is the
// part of planning that reads files; bases are taken to be official ones.
func Keys(root string, services []catalog.Service) (map[string]string, error) {
	return keys(root, Selection{Services: services, Platforms: catalog.Platforms}, Bases{})
}

// keys gives each service's key: a digest of all that its image is made from. Two builds with the same key give the same
// image, so that the second one can be left out. In it are the Dockerfile, the files that it takes from the build context,
// the bake target, and what the overlay adds to that: bases, platforms, compression, which secrets are offered. Not in it
// are the secrets' contents and the proxies, as in BuildKit's own cache keys, who builds, and where steps are cached.
func keys(root string, sel Selection, bases Bases) (map[string]string, error) {
	files, err := newContext(root)
	if err != nil {
		return nil, err
	}
	committed, err := committedTargets(root)
	if err != nil {
		return nil, err
	}
	o, _, err := newOverlay(sel, bases, "")
	if err != nil {
		return nil, err
	}
	found := map[string]string{}
	for _, s := range sel.Services {
		if found[s.Name], err = key(files, s, committed[s.Name], o.Target[s.Name]); err != nil {
			return nil, err
		}
	}
	return found, nil
}

func key(files *buildContext, s catalog.Service, committed json.RawMessage, added *target) (string, error) {
	offered := *added
	offered.Args, offered.CacheFrom, offered.CacheTo = nil, nil, nil
	overlay, err := json.Marshal(offered)
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	for _, part := range [][]byte{committed, overlay} {
		fmt.Fprintf(sum, "%d\n%s", len(part), part)
	}
	if err := files.digest(sum, s.Dir+"/Dockerfile"); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
