// Package deploy keeps which published images are deployed.
package deploy

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/moby/sys/atomicwriter"
	"go.yaml.in/yaml/v4"
)

// Dir is the folder with all that deploys, and ImagesFile says which images; relative to the repository's root. A repository
// without the folder is not deployed with it.
const (
	Dir        = "deploy"
	ImagesFile = Dir + "/images.yaml"
)

// Exists reports whether the repository at root has the folder.
func Exists(root string) bool {
	info, err := os.Stat(filepath.Join(root, Dir))
	return err == nil && info.IsDir()
}

// Renders reports whether a file follows from the catalog and ImagesFile. The overlays are written by people.
func Renders(file string) bool {
	for _, rendered := range []string{Dir + "/base/", Dir + "/images/", Dir + "/compose.yaml"} {
		if strings.HasPrefix(file, rendered) {
			return true
		}
	}
	return false
}

const imagesComment = "# Which images are deployed: `go tool mage publish` and `go tool mage rollback` write this, `go tool mage render` what follows.\n"

// Images are published images by the names of their services.
type Images map[string]Image

// Image is a published image as REPOSITORY:TAG@DIGEST. The tag is for people: what is deployed is the digest.
type Image string

// NewImage is what the tag of an image names.
func NewImage(tag name.Tag, digest name.Digest) Image {
	return Image(tag.String() + "@" + digest.DigestStr())
}

// Repository is where the image is, without its tag.
func (i Image) Repository() string { return i.digest().Context().String() }

// Digest is the digest of the image's index: sha256:….
func (i Image) Digest() string { return i.digest().DigestStr() }

// digest is the name without the tag. Load has checked it.
func (i Image) digest() name.Digest {
	digest, _ := name.NewDigest(string(i), name.StrictValidation)
	return digest
}

// Load reads the images of the repository at root; none where nothing has been published.
func Load(root string) (Images, error) {
	data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(ImagesFile)))
	if errors.Is(err, fs.ErrNotExist) {
		return Images{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the deployed images: %w", err)
	}
	images := Images{}
	if err := yaml.Load(data, &images); err != nil {
		return nil, fmt.Errorf("%s: %w; correct it, or take it back: git restore %[1]s", ImagesFile, err)
	}
	var problems []error
	for _, service := range slices.Sorted(maps.Keys(images)) {
		if _, err := name.NewDigest(string(images[service]), name.StrictValidation); err != nil {
			problems = append(problems, fmt.Errorf("%s: %s: %q does not name an image by its digest; correct it, or take it back: git restore %[1]s",
				ImagesFile, service, images[service]))
		}
	}
	return images, errors.Join(problems...)
}

// Write writes the images of the repository at root, as a whole or not at all.
func (images Images) Write(root string) error {
	content, err := yaml.Dump(images, yaml.WithV4Defaults(), yaml.WithLineWidth(-1))
	if err == nil {
		err = atomicwriter.WriteFile(filepath.Join(root, filepath.FromSlash(ImagesFile)), append([]byte(imagesComment), content...), 0o644)
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", ImagesFile, err)
	}
	return nil
}
