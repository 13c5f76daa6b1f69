package engine

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"example.com/stagecraft/bare/internal/apt"
	"example.com/stagecraft/bare/internal/lock"
	"example.com/stagecraft/bare/internal/say"
)

// BuildKit makes what a BuildKit of its own needs, next to the engine's.
func (h Home) BuildKit(ctx context.Context, tell say.Func) (BuildKit, error) {
	unlock, err := lock.Take(ctx, h.lockFile(), func() { tell("another command compiles for %s; waiting for it", h) })
	if err != nil {
		return BuildKit{}, err
	}
	defer unlock()
	if err := os.MkdirAll(string(h), 0o711); err != nil {
		return BuildKit{}, fmt.Errorf("making the engine's folder: %w; set STAGECRAFT_HOME to a folder that can be written", err)
	}
	runc := slices.DeleteFunc(h.missing(), func(p program) bool { return p.name != "runc" })
	if err := apt.Install(ctx, missingPackages(h.runcPackages(runc)), tell); err != nil {
		return BuildKit{}, err
	}
	if len(runc) > 0 {
		if err := h.compileInto(ctx, h.bin(), runc, tell); err != nil {
			return BuildKit{}, err
		}
	}
	if todo := missingIn(h.buildKit(), buildKitPrograms); len(todo) > 0 {
		tell("BuildKit %s is compiled from pinned Go modules, once: about 2 minutes on two cores", pinned("buildkit", "github.com/moby/buildkit"))
		if err := h.compileInto(ctx, h.buildKit(), todo, tell); err != nil {
			return BuildKit{}, err
		}
	}
	made := BuildKit{Root: filepath.Join(h.buildKit(), "root.tar"), Programs: h.buildKit(), Runc: filepath.Join(h.bin(), "runc")}
	sum, err := writeRoot(ctx, made.Root, filepath.Join(made.Programs, "buildkitd"), filepath.Join(made.Programs, "buildctl"), made.Runc)
	if err != nil {
		return BuildKit{}, fmt.Errorf("assembling BuildKit's root file system: %w", err)
	}
	// No registry is called localhost: an engine that asks for this image's latest state is refused at once.
	made.Image = "localhost/stagecraft/buildkit:" + sum[:12]
	return made, nil
}
