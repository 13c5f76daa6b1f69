// Package provenance describes how an image was built, and from what, as SLSA provenance: nothing in it depends on the machine,
// except who built it.
package provenance

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/package-url/packageurl-go"

	"example.com/stagecraft/internal/attestation"
	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/dockerfile"
)

// Build is how the image of a service was built.
type Build struct {
	Root     string // the repository's folder
	Source   string // the repository's URL
	Revision string // the commit
	Service  catalog.Service

	Platforms []string          // that the image is for
	StandIns  map[string]string // digests of what was used in the place of bases, by the references of these
	Packages  []string          // URLs of the Debian packages in the image
}

// Predicate is a provenance. Source: https://slsa.dev/spec/v1.0/provenance
type Predicate struct {
	BuildDefinition Definition `json:"buildDefinition"`
	RunDetails      Run        `json:"runDetails"`
}

// Definition is all that decides what a build comes to.
type Definition struct {
	BuildType            string                 `json:"buildType"`
	ExternalParameters   Parameters             `json:"externalParameters"`
	ResolvedDependencies []attestation.Resource `json:"resolvedDependencies"`
}

// Parameters are what a person chooses.
type Parameters struct {
	Source     string   `json:"source"` // git+URL@REVISION
	Service    string   `json:"service"`
	Dockerfile string   `json:"dockerfile"`
	Platforms  []string `json:"platforms"`
}

// Run is one run of a build.
type Run struct {
	Builder  Builder   `json:"builder"`
	Metadata *Metadata `json:"metadata,omitempty"`
}

// New describes a build. Its dependencies are the commit, the Dockerfile, lock files, base images and Debian packages. Of a base for
// which something else stood in, only that is listed.
func New(b Build) (Predicate, error) {
	failed := func(err error) error { return fmt.Errorf("describe the build of %s: %w", b.Service.Name, err) }
	source, err := address(b.Source)
	if err != nil {
		return Predicate{}, failed(err)
	}
	files, err := b.files()
	if err != nil {
		return Predicate{}, failed(err)
	}
	bases, err := b.bases()
	if err != nil {
		return Predicate{}, failed(err)
	}
	from := "git+" + source + "@" + b.Revision
	commit := attestation.Resource{URI: from, Digest: map[string]string{"gitCommit": b.Revision}}
	dependencies := slices.Concat([]attestation.Resource{commit}, files, bases)
	for _, purl := range b.Packages {
		dependencies = append(dependencies, attestation.Resource{URI: purl})
	}
	builder, metadata := who(source, os.Getenv)
	return Predicate{
		BuildDefinition: Definition{
			BuildType:            source + "/docs/sbom.md#provenance",
			ExternalParameters:   Parameters{from, b.Service.Name, b.dockerfile(), b.Platforms},
			ResolvedDependencies: dependencies,
		},
		RunDetails: Run{builder, metadata},
	}, nil
}

// address is the URL of a repository, without what may be a password.
func address(source string) (string, error) {
	u, err := url.Parse(source)
	if err != nil {
		return "", errors.New("`source` in project.yaml is not a URL; correct it") // without the URL: a password may be in it
	}
	u.User, u.RawQuery = nil, ""
	return strings.TrimSuffix(u.String(), "/"), nil
}

// lockFiles pin what builds download.
var lockFiles = []string{"go.sum", "package-lock.json", "pnpm-lock.yaml", "uv.lock"}

// files are the Dockerfile and the lock files, of the service and of what it uses.
func (b Build) files() ([]attestation.Resource, error) {
	names := []string{b.dockerfile()}
	for _, dir := range append([]string{b.Service.Dir}, b.Service.Uses...) {
		for _, lock := range lockFiles {
			if name := path.Join(dir, lock); isFile(b.path(name)) {
				names = append(names, name)
			}
		}
	}
	var found []attestation.Resource
	for _, name := range names {
		content, err := os.ReadFile(b.path(name))
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(content)
		found = append(found, attestation.Resource{Name: name, Digest: map[string]string{"sha256": hex.EncodeToString(sum[:])}})
	}
	return found, nil
}

func (b Build) dockerfile() string { return b.Service.Dir + "/Dockerfile" }

func (b Build) path(name string) string { return filepath.Join(b.Root, filepath.FromSlash(name)) }

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

// bases are the images that the Dockerfile builds from, each once. One without a digest may have been any image: it has a URI alone.
func (b Build) bases() ([]attestation.Resource, error) {
	content, err := os.ReadFile(b.path(b.dockerfile()))
	if err != nil {
		return nil, err
	}
	bases, err := dockerfile.BasesFor(b.dockerfile(), content, b.Platforms)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(bases, func(a, b dockerfile.Base) int { return cmp.Compare(a.Ref, b.Ref) })
	var found []attestation.Resource
	for i, base := range bases {
		if i > 0 && bases[i-1].Ref == base.Ref {
			continue
		}
		name, digest, _ := strings.Cut(base.Ref, "@")
		if used, ok := b.StandIns[base.Ref]; ok {
			found = append(found, attestation.Resource{Name: "stand-in for " + name, Digest: digestSet(used), Annotations: map[string]any{"standIn": true}})
			continue
		}
		found = append(found, attestation.Resource{URI: imageURL(name), Digest: digestSet(digest)})
	}
	return found, nil
}

// digestSet is a digest ALGORITHM:HEX as a Resource has it; nil for an empty one.
func digestSet(digest string) map[string]string {
	algorithm, digits, ok := strings.Cut(digest, ":")
	if !ok {
		return nil
	}
	return map[string]string{algorithm: digits}
}

// imageURL is the package URL of an image, as BuildKit's own provenance has it.
func imageURL(reference string) string {
	name, tag := reference, ""
	if colon := strings.LastIndex(reference, ":"); colon > strings.LastIndex(reference, "/") {
		name, tag = reference[:colon], reference[colon+1:]
	}
	namespace := ""
	if slash := strings.LastIndex(name, "/"); slash >= 0 {
		namespace, name = name[:slash], name[slash+1:]
	}
	return packageurl.NewPackageURL(packageurl.TypeDocker, namespace, name, tag, nil, "").ToString()
}
