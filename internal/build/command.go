package build

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"example.com/stagecraft/internal/command"
)

// Commands makes commands of `docker build` for those Dockerfiles, which are not in the bake file: it gives them the same
// bases, proxies and secrets as the builds of services. The arguments are a person's, in the repository's root; the image
// goes to the engine.
func (b *Builder) Commands(ctx context.Context, dockerfiles ...string) (func(args ...string) command.Command, error) {
	bases, err := b.bases(ctx, dockerfiles...)
	if err != nil {
		return nil, err
	}
	given, err := unpublished(bases)
	if err != nil {
		return nil, err
	}
	who, err := b.who(ctx)
	if err != nil {
		return nil, err
	}
	flags := []string{"build", "--builder=" + who, "--load", "--provenance=false"}
	for _, ref := range slices.Sorted(maps.Keys(given.Contexts)) {
		flags = append(flags, fmt.Sprintf("--build-context=%s=%s", ref, given.Contexts[ref]))
	}
	for _, name := range slices.Sorted(maps.Keys(given.Args)) {
		flags = append(flags, fmt.Sprintf("--build-arg=%s=%s", name, given.Args[name]))
	}
	for _, secret := range given.Secret {
		flags = append(flags, "--secret="+secret)
	}
	return func(args ...string) command.Command {
		return command.Command{
			Args: slices.Concat(b.engine.Buildx, flags, args), Dir: b.root, Env: b.engine.Env(), Stdout: b.progress, Stderr: b.progress,
		}
	}, nil
}
