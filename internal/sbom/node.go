package sbom

import (
	"encoding/json"

	"example.com/stagecraft/internal/owners"
	"example.com/stagecraft/internal/rootfs"
)

// named is the service as its own package.json names it, which scanners read too; o itself where there is none.
func named(o owners.Owner, root *rootfs.FS) owners.Owner {
	var manifest struct{ Name, Version string }
	err := json.Unmarshal([]byte(root.Text("/app/package.json")), &manifest)
	if o.Kind != "service" || o.Version != "" || err != nil || manifest.Name == "" {
		return o
	}
	return owners.Owner{Kind: "npm", Name: manifest.Name, Version: manifest.Version}
}
