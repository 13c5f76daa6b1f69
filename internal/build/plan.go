package build

import "example.com/stagecraft/internal/catalog"

// Keys is, by service, the digest of all that its image is made from, as Build compares it with the last build's. It is the
// part of planning that reads files; bases are taken to be official ones.
func Keys(root string, services []catalog.Service) (map[string]string, error) {
	return keys(root, Selection{Services: services, Platforms: catalog.Platforms}, Bases{})
}
