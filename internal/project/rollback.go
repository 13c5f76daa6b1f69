package project

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/google/go-containerregistry/pkg/name"

	"example.com/stagecraft/internal/build"
	"example.com/stagecraft/internal/deploy"
	"example.com/stagecraft/internal/publish"
	"example.com/stagecraft/internal/render"
)

// Rollback deploys what a tag of the named services (comma-separated; empty: all) names in a registry, that of project.yaml where it
// is empty. With the file of a public key, it verifies them. It changes nothing unless all of them are there.
func (p Project) Rollback(ctx context.Context, services, tag, registry, key string) error {
	if tag == "" {
		return errors.New("rollback: the tag is missing; add -to=1.0")
	}
	if !deploy.Exists(p.Root) {
		return fmt.Errorf("rollback: there is no folder %s/, which says what is deployed; restore it from git, or make an empty one", deploy.Dir)
	}
	repository, err := p.catalog()
	if err != nil {
		return err
	}
	repository.Examples = nil // which are not deployed
	sel, err := build.Select(repository, services, "")
	if err != nil {
		return err
	}
	if registry = cmp.Or(registry, repository.Project.Registry); registry == "" {
		return errors.New("rollback: there is no registry to look in; add `registry: registry.example.com/team` to project.yaml, or -registry=registry.example.com/team")
	}
	find, err := finder(key)
	if err != nil {
		return fmt.Errorf("rollback: %w", err)
	}
	images := deploy.Images{}
	var missing []error
	for _, s := range sel.Services {
		ref, err := name.NewTag(registry+"/"+s.Name+":"+tag, name.StrictValidation)
		if err != nil {
			return fmt.Errorf("rollback %s: %w; correct -to or -registry", s.Name, err)
		}
		digest, err := find(ctx, ref)
		if err != nil {
			missing = append(missing, fmt.Errorf("rollback %s: %w", s.Name, err))
			continue
		}
		images[s.Name] = deploy.NewImage(ref, digest)
	}
	if err := errors.Join(missing...); err != nil {
		return err
	}
	if err := p.deploy(images); err != nil {
		return err
	}
	for _, s := range sel.Services {
		fmt.Fprintf(p.Out, "%s: %s\n", s.Name, images[s.Name])
	}
	fmt.Fprintln(p.Out, "next: commit, and deploy: docs/deploying.md")
	return nil
}

// finder looks up what a tag names, and verifies it where there is a public key.
func finder(key string) (func(context.Context, name.Tag) (name.Digest, error), error) {
	if key == "" {
		return func(ctx context.Context, tag name.Tag) (name.Digest, error) {
			return publish.Find(ctx, tag, registryOptions()...)
		}, nil
	}
	public, err := publicKey(key)
	if err != nil {
		return nil, err
	}
	verifier := publish.Verifier{Key: public, Options: registryOptions()}
	return func(ctx context.Context, tag name.Tag) (name.Digest, error) {
		digest, checks, err := verifier.Verify(ctx, tag)
		for _, c := range checks {
			if c.Problem != nil {
				return name.Digest{}, fmt.Errorf("%s: %s: %w; choose another tag", digest, c.What, c.Problem)
			}
		}
		return digest, err
	}, nil
}

// deploy makes images those that are deployed, and renders what follows. Services that are gone are no longer named.
func (p Project) deploy(images deploy.Images) error {
	if !deploy.Exists(p.Root) {
		return nil
	}
	repository, err := p.catalog()
	if err != nil {
		return err
	}
	before, err := deploy.Load(p.Root)
	if err != nil {
		return err
	}
	after := deploy.Images{}
	for _, s := range repository.Services {
		if image := cmp.Or(images[s.Name], before[s.Name]); image != "" {
			after[s.Name] = image
		}
	}
	if err := after.Write(p.Root); err != nil {
		return err
	}
	_, err = render.Write(p.Root, repository)
	return err
}
