package project

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"example.com/stagecraft/internal/build"
	"example.com/stagecraft/internal/git"
	"example.com/stagecraft/internal/image"
	"example.com/stagecraft/internal/imagediff"
	"example.com/stagecraft/internal/publish"
)

// rebuild builds a published image again from the commit that it names, no step from the cache, and compares the two.
func (p Project) rebuild(ctx context.Context, digest name.Digest) ([]publish.Check, error) {
	index, err := remote.Index(digest, append(registryOptions(), remote.WithContext(ctx))...)
	if err != nil {
		return nil, err
	}
	published, err := image.FromIndex(index)
	if err != nil {
		return nil, err
	}
	defer published.Close()
	from := published.Annotations()[revisionAnnotation]
	if from == "" {
		return nil, errors.New("its annotations name no commit; only images that `go tool mage publish` pushed can be built again")
	}
	dir := filepath.Join(p.Root, "out", "verify")
	if err := os.RemoveAll(dir); err != nil {
		return nil, fmt.Errorf("remove the last comparison: %w", err)
	}
	sources := filepath.Join(dir, "sources")
	if _, err := git.Output(ctx, p.Root, nil, "clone", "--quiet", "--no-checkout", "--shared", ".", sources); err != nil {
		return nil, err
	}
	if _, err := git.Output(ctx, sources, nil, "checkout", "--quiet", "--detach", from); err != nil {
		return nil, fmt.Errorf("check out the commit that it was made from: %w; run `git fetch`", err)
	}
	service := path.Base(digest.RepositoryStr())
	if err := p.buildAt(ctx, sources, service, published, dir); err != nil {
		return nil, err
	}
	built, err := image.Open(filepath.Join(dir, service))
	if err != nil {
		return nil, err
	}
	defer built.Close()
	checks, err := rebuilt(service, published, built)
	if err != nil {
		return nil, err
	}
	return checks, os.RemoveAll(dir)
}

// buildAt builds a service for the platforms of an image from the sources in a folder.
func (p Project) buildAt(ctx context.Context, sources, service string, like image.Index, to string) error {
	var platforms []string
	for _, i := range like.Images() {
		platforms = append(platforms, i.Platform())
	}
	then := p
	then.Root = sources
	j, err := then.job(ctx, service, strings.Join(platforms, ","))
	if err != nil {
		return err
	}
	plan, err := j.planned(ctx)
	if err != nil {
		return err
	}
	return j.Fresh(ctx, plan, build.Fresh{Dir: to, NoCache: true, Quick: true})
}

// rebuilt compares a published image with one that was built again. They differ in compression and annotations alone.
func rebuilt(service string, published, built image.Index) ([]publish.Check, error) {
	found, err := imagediff.Compare(published, built)
	if err != nil {
		return nil, err
	}
	problems := map[string]error{}
	for _, d := range found {
		if d.Kind != imagediff.Packing && d.Kind != imagediff.Manifest {
			problems[d.Platform] = errors.New(d.String())
		}
	}
	var packages [2][]build.Package
	for n, idx := range []image.Index{published, built} {
		if packages[n], err = build.Packages(service, idx); err != nil {
			return nil, err
		}
	}
	newer := moved(packages[0], packages[1])
	var checks []publish.Check
	for _, i := range published.Images() {
		check := publish.Check{What: "built again for " + i.Platform(), Note: "the same files and configuration", Problem: problems[i.Platform()]}
		if check.Problem != nil && len(newer) > 0 {
			check = publish.Check{What: check.What, Skipped: true, Note: "not comparable: Debian published other packages since: " + few(newer)}
		}
		checks = append(checks, check)
	}
	return checks, nil
}
