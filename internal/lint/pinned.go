package lint

import (
	"slices"
	"strings"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/dockerfile"
	"example.com/stagecraft/internal/finding"
)

var pinned = &rule{Rule: finding.Rule{
	Key:      "pinned",
	Practice: "Every image that a build starts from or copies from is named with its digest.",
	Why: "A tag is moved at every release of what it names: the same commit builds something else tomorrow, and whoever can push " +
		"the tag decides what. A digest names the same bytes for ever; update bots raise tag and digest together.",
	Source: "https://docs.docker.com/build/building/best-practices/#pin-base-image-versions",
	Fix:    "Write TAG@DIGEST. `docker buildx imagetools inspect IMAGE:TAG` prints the digest of all platforms. A reference that only a build argument knows is not looked at, nor a named context that a bake or Compose file next to the Dockerfile, or in the folder that it is built from, declares.",
	Bad:    "FROM debian:trixie-slim\n",
	Good:   "FROM debian:trixie-slim@sha256:a29215f6a35e51e22adffa17f89e9d2ef06214e64a2bad10d765c46aea49f11f\n",
}, check: func(d *Dockerfile, found atLine) {
	seen := map[dockerfile.Base]bool{}
	for _, b := range d.basesOfPlatforms() {
		if strings.Contains(b.Ref, "@sha256:") || strings.Contains(b.Ref, "@sha512:") || seen[b] {
			continue
		}
		seen[b] = true
		isStage := b.Platform == "" && !d.isBase(b) && d.Stage(b.Ref, len(d.Stages)) != nil // below: the rule parse reports it
		if isStage || d.isNamedContext(b.Ref) {
			continue
		}
		if bareName(b.Ref) && b.Platform == "" && !d.isBase(b) {
			found(b.Line, b.Ref+" is neither a stage above nor an image with a digest",
				"for an image write "+b.Ref+"@sha256:...; name a folder in `contexts` of the bake file or `additional_contexts` of the Compose file next to the Dockerfile")
			continue
		}
		found(b.Line, b.Ref+" has no digest", "write "+b.Ref+"@sha256:..., which `docker buildx imagetools inspect "+b.Ref+"` prints")
	}
}}

// basesOfPlatforms are the bases of all platforms. What only another platform has is an image there if its name has a tag or a
// folder; a bare name is a stage, of a file that is not meant for that platform.
func (d *Dockerfile) basesOfPlatforms() []dockerfile.Base {
	native := d.Bases()
	if !mentionsPlatform(string(d.data)) || !slices.ContainsFunc(d.Stages, func(s *dockerfile.Stage) bool { return strings.Contains(s.Written, "$") }) {
		return native
	}
	all, err := dockerfile.BasesFor(d.Path, d.data, catalog.Platforms)
	if err != nil {
		return native
	}
	return slices.DeleteFunc(all, func(b dockerfile.Base) bool { return bareName(b.Ref) && !slices.Contains(native, b) })
}
