package publish

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"example.com/stagecraft/internal/attestation"
	"example.com/stagecraft/internal/image"
	"example.com/stagecraft/internal/signing"
)

// Verifier verifies published images with nothing but a key.
type Verifier struct {
	Key      signing.PublicKey
	Options  []remote.Option // credentials, transport
	Required []string        // types of predicates that each platform must have a statement of, or all together
}

// Check is what was found out about one part of an image.
type Check struct {
	What    string
	Note    string // what a person may want to know about it
	Skipped bool
	Problem error
}

// Verify checks that the image of a reference has a signature, which for a tag names that tag, and all required statements, that
// the key signed them for this image, and that its layers contain what its configurations list. The error is for what could not
// be checked.
func (v Verifier) Verify(ctx context.Context, ref name.Reference) (name.Digest, []Check, error) {
	options := append([]remote.Option{remote.WithContext(ctx)}, v.Options...)
	failed := func(err error) (name.Digest, []Check, error) {
		return name.Digest{}, nil, fmt.Errorf("verify %s: %w", ref, explain(ref.Context().Registry, err))
	}
	there, err := remote.Get(ref, options...)
	if err != nil {
		return failed(err)
	}
	if !there.MediaType.IsIndex() {
		return failed(fmt.Errorf("it is a %s, not an index of platforms as `go tool mage publish` pushes it", there.MediaType))
	}
	index, err := there.ImageIndex()
	if err != nil {
		return failed(err)
	}
	opened, err := image.FromIndex(index)
	if err != nil {
		return failed(err)
	}
	defer opened.Close()
	repository := ref.Context()
	whole, err := v.attached(ctx, repository, there.Digest, options)
	if err != nil {
		return failed(err)
	}
	checks := append([]Check{signed(ref, whole.names)}, whole.checks...)
	for _, i := range opened.Images() {
		own, err := v.attached(ctx, repository, i.Digest(), options)
		if err != nil {
			return failed(err)
		}
		for _, c := range own.checks {
			c.What += " for " + i.Platform()
			checks = append(checks, c)
		}
		checks = append(checks, v.missing(i, slices.Concat(whole.predicates, own.predicates))...)
		checks = append(checks, layers(i))
	}
	return repository.Digest(there.Digest.String()), checks, nil
}

// attached is what the key signed about an image.
type attached struct {
	names      []string // that signatures give the image
	predicates []string // types of other statements
	checks     []Check
}

// attached checks what is attached to the image with that digest.
func (v Verifier) attached(ctx context.Context, repository name.Repository, digest v1.Hash, options []remote.Option) (attached, error) {
	bundles, err := signing.Bundles(repository.Digest(digest.String()), options...)
	if err != nil {
		return attached{}, err
	}
	var a attached
	others := 0
	for _, bundle := range bundles {
		s, err := v.Key.Verify(ctx, bundle)
		subject := slices.IndexFunc(s.Subject, func(r attestation.Resource) bool { return r.Digest[digest.Algorithm] == digest.Hex })
		switch {
		case errors.Is(err, signing.ErrOtherKey):
			others++
		case err != nil:
			a.checks = append(a.checks, Check{What: "a statement", Problem: err})
		case subject < 0:
			a.checks = append(a.checks, Check{What: s.PredicateType, Problem: errors.New("it is about another image, from which it was copied")})
		case s.PredicateType == signing.SignatureType:
			a.names = append(a.names, signing.Name(s.Subject[subject]))
		default:
			a.predicates = append(a.predicates, s.PredicateType)
			a.checks = append(a.checks, Check{What: s.PredicateType})
		}
	}
	slices.SortStableFunc(a.checks, func(x, y Check) int { return cmp.Compare(x.What, y.What) }) // registries list them in any order
	if others > 0 {
		a.checks = append(a.checks, Check{What: "statements signed by other keys", Note: fmt.Sprint(others), Skipped: true})
	}
	return a, nil
}

// signed checks that of the names that signatures give an image, one is that by which it was found.
func signed(ref name.Reference, names []string) Check {
	slices.Sort(names)
	check := Check{What: "signature", Note: "as " + strings.Join(names, ", ")}
	tag, tagged := ref.(name.Tag)
	switch {
	case len(names) == 0:
		check.Problem = errors.New("there is none by this key")
	case tagged && !slices.Contains(names, called(tag)):
		check.Problem = fmt.Errorf("the image was signed as %s, not as %s: the tag was moved", strings.Join(names, ", "), called(tag))
	}
	return check
}

// missing are the required statements that an image lacks.
func (v Verifier) missing(i image.Image, found []string) []Check {
	var checks []Check
	for _, predicate := range v.Required {
		if !slices.Contains(found, predicate) {
			checks = append(checks, Check{What: predicate + " for " + i.Platform(), Problem: errors.New("there is none by this key")})
		}
	}
	return checks
}

// layers reads all layers of an image, which compares them with their digests.
func layers(i image.Image) Check {
	check := Check{What: "layers for " + i.Platform(), Note: fmt.Sprint(len(i.Layers()))}
	for _, l := range i.Layers() {
		check.Problem = errors.Join(check.Problem, l.Walk(func(image.Entry, io.Reader) error { return nil }))
	}
	return check
}
