package build

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"example.com/stagecraft/internal/catalog"
)

// load gives the engine a service's images from its layout, and notes in now what the engine calls them.
func (b *Builder) load(ctx context.Context, service catalog.Service, layout string, now built) (built, error) {
	now.Engine, now.Loaded = b.engine.Host, map[string]string{}
	if b.engine.Absent() {
		b.say("no engine runs here: %s is in %s, and not loaded", service.Name, b.outputs.layout(service.Name))
		return now, nil
	}
	if err := b.engine.Load(ctx, layout, service.Image(), service.Tag); ctx.Err() != nil {
		return built{}, fmt.Errorf("load %s into the engine: interrupted; run the same command again to continue", service.Name)
	} else if err != nil {
		return built{}, err
	}
	tags := []string{service.Image()}
	for _, p := range slices.Sorted(maps.Keys(now.Sizes)) {
		tags = append(tags, service.Tag(p))
	}
	for _, t := range tags {
		loaded, err := b.engine.Client().ImageInspect(ctx, t)
		if err != nil {
			return built{}, fmt.Errorf("find %s in the engine after its build: %w", t, err)
		}
		// Whatever its store goes by: containerd's by the digest of the index or manifest, the legacy one by the config's.
		now.Loaded[t] = loaded.ID
	}
	return now, nil
}

// has reports whether the engine still has what last was loaded as.
func (b *Builder) has(ctx context.Context, last built) bool {
	if b.engine.Absent() {
		return true
	}
	if last.Engine != b.engine.Host {
		return false
	}
	for tag, id := range last.Loaded {
		found, err := b.engine.Client().ImageInspect(ctx, tag)
		if err != nil || found.ID != id {
			return false
		}
	}
	return true
}

// reload gives an engine the images of a layout that is current: the engine is another one, or lost them.
func (b *Builder) reload(ctx context.Context, service catalog.Service, last built) error {
	now, err := b.load(ctx, service, b.outputs.layout(service.Name), last)
	if err != nil {
		return err
	}
	return b.outputs.note(service.Name, now)
}
