package engine

import "path/filepath"

// composePrograms are a set of their own, like BuildKit's: Compose, and the
// buildx that it builds with. It finds that one as docker finds its plugins,
// and refuses one that does not know its version.
var composePrograms = []program{
	{name: "docker-buildx", module: "buildx", pkg: "github.com/docker/buildx/cmd/buildx"},
	{name: "docker-compose", module: "compose", pkg: "github.com/docker/compose/v5/cmd"},
}

// versions are the variables that hold a program's version, where it has to be
// known.
var versions = map[string]string{
	"docker-buildx":  "github.com/docker/buildx/version.Version",
	"docker-compose": "github.com/docker/compose/v5/internal.Version",
}

// linkFlags are those of a program.
func (p program) linkFlags() string {
	flags := "-s -w"
	if variable, known := versions[p.name]; known {
		flags += " -X " + variable + "=" + pinned(p.module, p.modulePath())
	}
	return flags
}

// compose is the folder that Compose takes for docker's settings.
func (h Home) compose() string {
	return filepath.Join(h.programs(), "compose-"+keyOf(composePrograms))
}
