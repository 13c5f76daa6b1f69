package project

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/moby/sys/atomicwriter"

	"example.com/stagecraft/internal/build"
	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/image"
	"example.com/stagecraft/internal/sbom"
)

// SBOM lists what is in the images of the named services for the named platforms (comma-separated; empty: all), in a format, by
// default spdx, and writes where the lists are: out/sbom.
func (p Project) SBOM(_ context.Context, services, platforms, format string) error {
	chosen, err := sbom.ParseFormat(format)
	if err != nil {
		return fmt.Errorf("list what is in images: %w", err)
	}
	repository, err := p.catalog()
	if err != nil {
		return err
	}
	sel, err := build.Select(repository, services, platforms)
	if err != nil {
		return err
	}
	for _, s := range sel.Services {
		if err := p.writeSBOMs(s, sel.Platforms, chosen); err != nil {
			return err
		}
	}
	return nil
}

// writeSBOMs writes a list for each of the platforms.
func (p Project) writeSBOMs(s catalog.Service, platforms []catalog.Platform, format sbom.Format) error {
	dir := filepath.Join(p.Root, "out", "sbom")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make a folder for lists of what is in images: %w", err)
	}
	return p.contents(s, platforms, func(platform catalog.Platform, contents sbom.Contents) error {
		document, err := contents.Document(format)
		if err != nil {
			return err
		}
		name := s.Name + "-" + strings.ReplaceAll(string(platform), "/", "-") + format.Extension()
		if err := atomicwriter.WriteFile(filepath.Join(dir, name), document, 0o644); err != nil {
			return fmt.Errorf("write what is in the image of %s: %w", s.Name, err)
		}
		fmt.Fprintf(p.Out, "out/sbom/%s: %d packages, %d files that belong to none\n", name, len(contents.Packages), len(contents.Files))
		return nil
	})
}

// contents calls use with what is in the image of a service for each of the platforms.
func (p Project) contents(s catalog.Service, platforms []catalog.Platform, use func(catalog.Platform, sbom.Contents) error) (err error) {
	idx, err := image.Open(build.Layout(p.Root, s.Name))
	if err != nil {
		return fmt.Errorf("list what is in the image of %s: %w; `go tool mage build -services=%[1]s` makes it", s.Name, err)
	}
	defer func() { err = errors.Join(err, idx.Close()) }()
	for _, platform := range platforms {
		i := slices.IndexFunc(idx.Images(), func(i image.Image) bool { return i.Platform() == string(platform) })
		if i < 0 {
			return fmt.Errorf("list what is in the image of %s: there is none for %s; `go tool mage build -services=%[1]s` makes it", s.Name, platform)
		}
		contents, err := sbom.Read(s.Name, idx.Images()[i])
		if err != nil {
			return err
		}
		if err := use(platform, contents); err != nil {
			return err
		}
	}
	return nil
}
