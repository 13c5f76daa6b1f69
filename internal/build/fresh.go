package build

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Fresh is a build apart from the ordinary ones: its layouts go to a folder, and neither out/images nor a tag of the engine is
// touched.
type Fresh struct {
	Dir        string // gets one OCI layout a service
	NoCache    bool   // every step runs again
	Quick      bool   // layers are compressed to be read once, not to be pulled
	Provenance string // mode of the attestation that goes with each image: min or max; empty: no attestation
	Cache      string // gets one exported build cache a service, builder stages and all; empty: none is exported
}

// quick is the least compression.
const quick = "compression=zstd,compression-level=1,force-compression=true"

// Fresh builds a plan as f says.
func (b *Builder) Fresh(ctx context.Context, plan Plan, f Fresh) error {
	o, targets, err := newOverlay(plan.Selection, plan.bases, filepath.ToSlash(f.Dir))
	if err != nil {
		return err
	}
	if f.Quick {
		for _, t := range targets {
			output := o.Target[t].Output
			output[0] = strings.Replace(output[0], compression, quick+",oci-mediatypes=true", 1)
		}
	}
	for _, dir := range []string{f.Dir, f.Cache} { // bake may only write to folders that exist
		if err := os.MkdirAll(dir, 0o755); dir != "" && err != nil {
			return fmt.Errorf("make a folder for the build: %w", err)
		}
	}
	work, done, err := b.outputs.work()
	if err != nil {
		return err
	}
	defer done()
	return b.bake(ctx, work, plan.String(), o, targets, f.flags(targets)...)
}

// flags are the options of bake that are not in the overlay.
func (f Fresh) flags(targets []string) []string {
	flags := []string{"--allow=fs.write=" + f.Dir}
	if f.NoCache {
		flags = append(flags, "--no-cache")
	}
	if f.Provenance != "" {
		flags = append(flags, "--provenance=mode="+f.Provenance)
	}
	if f.Cache != "" {
		flags = append(flags, "--allow=fs.write="+f.Cache)
		for _, t := range targets {
			dest := quoted("dest=" + filepath.ToSlash(filepath.Join(f.Cache, t)))
			flags = append(flags, fmt.Sprintf("--set=%s.cache-to=type=local,mode=max,%s,%s", t, quick, dest))
		}
	}
	return flags
}
