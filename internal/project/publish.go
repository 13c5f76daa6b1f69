package project

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/google/go-containerregistry/pkg/name"

	"example.com/stagecraft/internal/build"
	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/deploy"
	"example.com/stagecraft/internal/dockerfile"
	"example.com/stagecraft/internal/engine"
	"example.com/stagecraft/internal/git"
	"example.com/stagecraft/internal/publish"
)

// Publication is where and how images are published. Empty: To is the registry of project.yaml, Tag the first twelve digits of
// the commit, Compression zstd.
type Publication struct {
	To, Tag, Compression string
	Key                  string // a file with the key that signs; empty: STAGECRAFT_SIGNING_KEY, and without that nothing is signed
	Force                bool   // moves tags that name other images
}

// Publish pushes the images of the named services (comma-separated; empty: all), which must be proven, and writes where they are.
func (p Project) Publish(ctx context.Context, services string, to Publication) error {
	compression, err := publish.ParseCompression(to.Compression)
	if err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	key, err := signingKey(to.Key)
	if err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	services, ok, err := p.narrow(ctx, services)
	if !ok {
		return err
	}
	images, err := p.publishable(ctx, services, to)
	if err != nil {
		return err
	}
	publisher := publish.Publisher{
		Compressor: publish.Compressor{Compression: compression, Dir: filepath.Join(p.Root, "out", "publish")},
		Options:    registryOptions(),
		Force:      to.Force,
		Key:        key,
		Say:        p.say,
	}
	if key == nil {
		p.say("nothing is signed; to sign, make a key with `cosign generate-key-pair` and add -key=cosign.key")
	}
	published, err := publisher.Publish(ctx, images)
	if err != nil && ctx.Err() != nil {
		return errors.New("publish: interrupted; tags come last: run the same command again to continue")
	}
	if err != nil {
		return err
	}
	deployed := deploy.Images{}
	for _, image := range published {
		deployed[image.Service] = deploy.NewImage(image.Tag, image.Digest)
	}
	if err := p.deploy(deployed); err != nil {
		return err
	}
	table := tabwriter.NewWriter(p.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "service\tplatform\tpull\tsent\timage")
	for _, image := range published {
		for i, platform := range image.Platforms {
			sent, where := "", ""
			if i == 0 {
				sent, where = catalog.Bytes(image.Sent).String(), image.Tag.String()+"@"+image.Digest.DigestStr()
			}
			fmt.Fprintf(table, "%s\t%s\t%v\t%s\t%s\n", image.Service, platform.Name, catalog.Bytes(platform.Pull), sent, where)
		}
	}
	return table.Flush()
}

// publishable are the images to publish. What is committed is what they were made from.
func (p Project) publishable(ctx context.Context, services string, to Publication) ([]publish.Image, error) {
	repository, err := p.catalog()
	if err != nil {
		return nil, err
	}
	registry := cmp.Or(to.To, repository.Project.Registry)
	if registry == "" {
		return nil, errors.New("publish: there is no registry to push to; add `registry: registry.example.com/team` to project.yaml, or -to=registry.example.com/team")
	}
	commit, err := p.commit(ctx)
	if err != nil {
		return nil, err
	}
	j, err := p.jobWith(ctx, engine.FindRunning, repository, services, "")
	if err != nil {
		return nil, err
	}
	plan, err := j.planned(ctx)
	if err != nil {
		return nil, err
	}
	proofs, err := j.Proven(plan)
	if err != nil {
		return nil, fmt.Errorf("publish what is proven: %w", err)
	}
	var images []publish.Image
	for _, proof := range proofs {
		service := proof.Service.Name
		tag, err := name.NewTag(registry+"/"+service+":"+cmp.Or(to.Tag, commit.revision[:12]), name.StrictValidation)
		if err != nil {
			return nil, fmt.Errorf("publish %s: %w; correct -to or -tag", service, err)
		}
		annotations, err := p.annotations(proof, commit)
		if err != nil {
			return nil, fmt.Errorf("publish %s: %w", service, err)
		}
		proven := provenImage{proof, commit.revision, repository.Project.Source}
		images = append(images, publish.Image{Service: service, Layout: proof.Layout, Tag: tag, Annotations: annotations, Statements: p.statements(proven)})
	}
	return images, nil
}

// commit is the commit that images are made from.
type commit struct{ revision, time string }

func (p Project) commit(ctx context.Context) (commit, error) {
	// What deploys images is in none of them, and publishing changes it.
	changed, err := git.Output(ctx, p.Root, nil, "status", "--porcelain", "--", ".", ":(exclude)"+deploy.Dir)
	if err != nil {
		return commit{}, fmt.Errorf("publish: find the commit that images are made from: %w", err)
	}
	if changed != "" {
		return commit{}, errors.New("publish: what `git status` shows is in no commit, and images name the commit they are built from; commit it first")
	}
	revision, err := git.Output(ctx, p.Root, nil, "rev-parse", "HEAD")
	if err != nil {
		return commit{}, fmt.Errorf("publish: find the commit that images are made from: %w", err)
	}
	time, err := git.Output(ctx, p.Root, nil, "show", "-s", "--format=%cI", "HEAD")
	return commit{revision, time}, err
}

// annotation begins the names of annotations, of which one is the commit that an image was made from.
const (
	annotation         = "org.opencontainers.image."
	revisionAnnotation = annotation + "revision"
)

// annotations say what an image was made from. A stand-in is not claimed to be the base that it stands for.
// Source: https://github.com/opencontainers/image-spec/blob/main/annotations.md
func (p Project) annotations(proof build.Proof, c commit) (map[string]string, error) {
	annotations := map[string]string{revisionAnnotation: c.revision, annotation + "created": c.time}
	if proof.StandIn {
		return annotations, nil
	}
	file := proof.Service.Dir + "/Dockerfile"
	content, err := os.ReadFile(filepath.Join(p.Root, filepath.FromSlash(file)))
	if err != nil {
		return nil, err
	}
	parsed, err := dockerfile.Parse(file, content)
	if err != nil {
		return nil, err
	}
	stages := parsed.Final().Lineage()
	base, digest, pinned := strings.Cut(stages[len(stages)-1].Base, "@")
	if !pinned { // scratch, or an image that nothing is known of
		return annotations, nil
	}
	ref, err := name.ParseReference(base)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	annotations[annotation+"base.name"], annotations[annotation+"base.digest"] = ref.Name(), digest
	return annotations, nil
}
