package dockerfile

import (
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// Base is an image outside the Dockerfile that a build of it needs.
type Base struct {
	Ref      string // with the digest that is written there, if one is
	Line     int
	Platform string // FROM --platform=, as it stands; empty for COPY --from and RUN --mount
}

// Bases lists the references to images in FROM, COPY --from and RUN --mount=from, in the order of the file, each as often
// as it is there. References that only the build can know, because an ARG has no default, are left out.
func (f *File) Bases() []Base {
	var bases []Base
	for _, stage := range f.Stages {
		if stage.External() && stage.Base != "" {
			bases = append(bases, Base{stage.Base, stage.Line, stage.Platform})
		}
		for _, in := range stage.Instructions {
			for _, ref := range in.Sources() {
				if ref != "scratch" && !strings.Contains(ref, "$") && f.Stage(ref, stage.Index) == nil {
					bases = append(bases, Base{Ref: ref, Line: in.Line})
				}
			}
		}
	}
	return bases
}

// BasesFor lists the bases of a Dockerfile on some platforms, each line's once: FROM may name another image for each.
func BasesFor[P ~string](name string, data []byte, platforms []P) ([]Base, error) {
	var all []Base
	for _, p := range platforms {
		file, err := ParseFor(name, data, string(p))
		if err != nil {
			return nil, err
		}
		for _, b := range file.Bases() {
			if !slices.Contains(all, b) {
				all = append(all, b)
			}
		}
	}
	return all, nil
}

// Sources are the stages and images that an instruction takes files from, as written.
func (in Instruction) Sources() []string {
	var refs []string
	switch c := in.Command.(type) {
	case *instructions.CopyCommand:
		if c.From != "" {
			refs = append(refs, c.From)
		}
	case *instructions.RunCommand:
		for _, m := range Mounts(c) {
			if m.From != "" {
				refs = append(refs, m.From)
			}
		}
	}
	return refs
}

// Mounts are the --mount flags of a RUN.
func Mounts(run *instructions.RunCommand) []*instructions.Mount {
	return instructions.GetMounts(run)
}
