package build

import (
	"context"
	"fmt"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/moby/moby/client"

	"example.com/stagecraft/internal/catalog"
)

// sourceLabel is what every template gives its images: the source in project.yaml.
const sourceLabel = "org.opencontainers.image.source"

// prune removes from the engine the images of this project that new ones have replaced: they have no tag any more, and no
// container uses them. Images of other projects are not touched.
func (b *Builder) prune(ctx context.Context) error {
	all, err := catalog.Load(b.root)
	if err != nil || b.engine.Absent() {
		return err
	}
	replaced := client.Filters{}.Add("dangling", "true").Add("label", sourceLabel+"="+all.Project.Source)
	pruned, err := b.engine.Client().ImagePrune(ctx, client.ImagePruneOptions{Filters: replaced})
	if cerrdefs.IsConflict(err) { // somebody prunes now, and the next build will
		return nil
	}
	if err != nil {
		return fmt.Errorf("remove images that new ones replaced: %w", err)
	}
	if freed := pruned.Report.SpaceReclaimed; freed > 0 {
		b.say("removed images that new ones replaced: %v", catalog.Bytes(freed))
	}
	return nil
}
