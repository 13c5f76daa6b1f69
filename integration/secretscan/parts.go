package secretscan

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// descriptor is what an index or a manifest tells of a blob.
// Source: https://github.com/opencontainers/image-spec/blob/main/descriptor.md
type descriptor struct {
	Digest      string
	Platform    *struct{ OS, Architecture, Variant string }
	Annotations map[string]string
}

// readParts tells for each blob of a folder what it is, as people would say it. It follows what refers to blobs from
// index.json on; two manifests may share a layer, which then has the name that it got first.
func readParts(dir string) (map[string]string, error) {
	parts := map[string]string{}
	index, err := os.ReadFile(filepath.Join(dir, "index.json"))
	if err != nil {
		return nil, err
	}
	return parts, follow(dir, index, "", parts)
}

// follow names the blobs that a document refers to. of is the platform that it is for; empty when it has none.
func follow(dir string, document []byte, of string, parts map[string]string) error {
	var d struct {
		Manifests, Layers []descriptor
		Config            descriptor
	}
	if err := json.Unmarshal(document, &d); err != nil {
		return fmt.Errorf("it is no index and no manifest: %w", err)
	}
	name := func(digest, part, of string) {
		if of != "" {
			part += " of " + of
		}
		if parts[digest] == "" && digest != "" {
			parts[digest] = part
		}
	}
	name(d.Config.Digest, "config", of)
	for n, l := range d.Layers {
		name(l.Digest, fmt.Sprintf("layer %d of %d", n+1, len(d.Layers)), of)
	}
	platforms := map[string]string{}
	for _, m := range d.Manifests {
		below := of
		if p := m.Platform; p != nil {
			below = strings.TrimSuffix(p.OS+"/"+p.Architecture+"/"+p.Variant, "/")
		}
		platforms[m.Digest] = below
		if described := m.Annotations["vnd.docker.reference.digest"]; described != "" {
			below = "the attestation of " + platforms[described]
		}
		file := filepath.Join(dir, "blobs", strings.Replace(m.Digest, ":", string(filepath.Separator), 1))
		info, err := os.Stat(file)
		if errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() > 16<<20 {
			continue // a platform that was not exported, or, in an old cache, a layer
		}
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if !json.Valid(data) {
			name(m.Digest, "layer", below)
			continue
		}
		name(m.Digest, "manifest", below)
		if err := follow(dir, data, below, parts); err != nil {
			return err
		}
	}
	return nil
}
