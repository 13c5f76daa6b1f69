package project

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/moby/sys/atomicwriter"

	"example.com/stagecraft/internal/build"
	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/command"
	"example.com/stagecraft/internal/finding"
	"example.com/stagecraft/internal/sbom"
	"example.com/stagecraft/internal/scan"
	"example.com/stagecraft/internal/vex"
)

// Scan looks for known vulnerabilities in the images of the named services (comma-separated; empty: all), in the databases in a folder or,
// without one, at osv.dev. It writes them as a table and into out/scan.sarif. Those at or above the project's severity that have a fix and
// are not waived are an error.
func (p Project) Scan(ctx context.Context, services, offline string) error {
	repository, err := p.catalog()
	if err != nil {
		return err
	}
	sel, err := build.Select(repository, services, "")
	if err != nil {
		return err
	}
	var images []scan.Image
	packages := 0
	for _, s := range sel.Services {
		i, err := p.scannable(s, sel.Platforms)
		if err != nil {
			return err
		}
		images, packages = append(images, i), packages+len(i.Packages)
	}
	found, err := p.osvScanner(ctx, images, offline)
	if err != nil {
		return fmt.Errorf("scan: %w", err)
	}
	all, err := scan.Findings(found, images, repository.Project.Scan.Severity)
	if err != nil {
		return fmt.Errorf("scan: %w", err)
	}
	var sarif bytes.Buffer
	if err := errors.Join(scan.WriteTable(p.Out, all), scan.WriteSARIF(&sarif, all)); err != nil {
		return err
	}
	if err := atomicwriter.WriteFile(filepath.Join(p.Root, "out", "scan.sarif"), sarif.Bytes(), 0o644); err != nil {
		return fmt.Errorf("write what the scan found: %w", err)
	}
	failing := scan.Failing(all)
	fmt.Fprintf(p.Out, "%s in %s, %d of them to fix; for code scanning: out/scan.sarif\n",
		finding.Plural(len(all), "finding"), finding.Plural(packages, "package"), failing)
	if failing > 0 {
		return fmt.Errorf("scan: %s to fix, see above; update the packages, or state in %s why an image is not affected (docs/sbom.md)",
			finding.Plural(failing, "finding"), vex.File)
	}
	return nil
}

// scannable is the image of a service for the scan. It says which packages are left out.
func (p Project) scannable(s catalog.Service, platforms []catalog.Platform) (scan.Image, error) {
	var listed []sbom.Package
	err := p.contents(s, platforms, func(_ catalog.Platform, contents sbom.Contents) error {
		listed = append(listed, contents.Packages...)
		return nil
	})
	if err != nil {
		return scan.Image{}, err
	}
	i := scan.Image{Service: s}
	var unknown []string
	if i.Packages, unknown = scan.Packages(listed); len(unknown) > 0 {
		p.say("%s: not scanned, as they have no version or no database at OSV: %s", s.Name, strings.Join(unknown, ", "))
	}
	i.Known, err = vex.Load(p.Root, s.Dir)
	return i, err
}

// osvScanner is what osv-scanner finds, as JSON.
func (p Project) osvScanner(ctx context.Context, images []scan.Image, offline string) (_ []byte, err error) {
	dir, err := os.MkdirTemp("", "stagecraft-scan-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for osv-scanner: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	var lists []string
	if offline != "" {
		if err := scan.CheckDatabases(offline, images); err != nil {
			return nil, err
		}
	}
	for _, i := range images {
		if len(i.Packages) == 0 {
			continue
		}
		list, err := scan.List(i.Packages)
		if err != nil {
			return nil, err
		}
		file := filepath.Join(dir, i.File())
		if err := os.WriteFile(file, list, 0o600); err != nil {
			return nil, err
		}
		lists = append(lists, file)
	}
	if len(lists) == 0 {
		return []byte("{}"), nil
	}
	p.say("osv-scanner looks for vulnerabilities; compiling it takes minutes the first time")
	path, err := p.pinned(ctx, "osv-scanner")
	if err != nil {
		return nil, err
	}
	var said bytes.Buffer
	out, err := command.Command{Args: append([]string{path}, scan.Arguments(offline, lists...)...), Stderr: &said}.Output(ctx)
	exit := (*exec.ExitError)(nil)
	switch {
	case err != nil && (ctx.Err() != nil || !errors.As(err, &exit)):
		return nil, err
	case err != nil && exit.ExitCode() != scan.Vulnerable:
		lines := strings.Split(strings.TrimSpace(said.String()), "\n")
		return nil, fmt.Errorf("osv-scanner failed: %s; if osv.dev cannot be reached, use -offline=DIR (docs/sbom.md)", lines[len(lines)-1])
	}
	return []byte(out), nil
}
