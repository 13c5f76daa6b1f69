package engine

import "path/filepath"

// buildKitPrograms are a set of their own, for builders next to the engine's own
// BuildKit: an engine that needs none never compiles them.
var buildKitPrograms = []program{
	{name: "buildkitd", module: "buildkit", pkg: "github.com/moby/buildkit/cmd/buildkitd"},
	{name: "buildctl", module: "buildkit", pkg: "github.com/moby/buildkit/cmd/buildctl"},
}

// buildKit is the folder of these programs.
func (h Home) buildKit() string {
	return filepath.Join(h.programs(), "buildkit-"+keyOf(buildKitPrograms))
}
