package build

import (
	"errors"
	"fmt"
	"slices"

	"example.com/stagecraft/internal/catalog"
)

// Proof is a service's image that kept what was asked of it.
type Proof struct {
	Service catalog.Service
	Layout  string // the folder of its OCI layout
	StandIn bool   // whether its bases were stand-ins

	StandIns map[string]string // digests of these, by the references of the bases
}

// NoteProven notes that the images of sel, which have these digests, passed every test. An image that another build has
// replaced meanwhile is left out.
func (b *Builder) NoteProven(sel Selection, digests map[string]string) error {
	for _, s := range sel.Services {
		last := b.outputs.last(s.Name)
		if last.Digest == "" || last.Digest != digests[s.Name] {
			continue
		}
		for _, p := range sel.Platforms {
			if !slices.Contains(last.Proven, p) {
				last.Proven = append(last.Proven, p)
			}
		}
		if err := b.outputs.note(s.Name, last); err != nil {
			return err
		}
	}
	return nil
}

// Proven are the images of a plan. It is an error, with a line a service, unless each was built from the present sources and
// proven on all of its project's platforms.
func (b *Builder) Proven(plan Plan) ([]Proof, error) {
	keys, err := keys(b.root, plan.Selection, plan.bases)
	if err != nil {
		return nil, err
	}
	var proofs []Proof
	var missing []error
	for _, s := range plan.Services {
		last := b.outputs.last(s.Name)
		test := "go tool mage test -services=" + s.Name
		if last.Key != keys[s.Name] {
			missing = append(missing, fmt.Errorf("%s: there is no image of the current sources; run `%s`", s.Name, test))
			continue
		}
		for _, p := range plan.Project {
			if !slices.Contains(last.Proven, p) {
				missing = append(missing, fmt.Errorf("%s: its image for %s is not proven; run `%s`", s.Name, p, test))
			}
		}
		proofs = append(proofs, Proof{Service: s, Layout: b.outputs.layout(s.Name), StandIn: last.StandIn, StandIns: plan.bases.standIns()})
	}
	return proofs, errors.Join(missing...)
}
