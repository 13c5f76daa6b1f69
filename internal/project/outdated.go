package project

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"example.com/stagecraft/internal/build"
	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/dockerfile"
	"example.com/stagecraft/internal/image"
	"example.com/stagecraft/internal/outdated"
	"example.com/stagecraft/internal/owners"
)

// Outdated compares the packages in the built images of the named services (comma-separated; empty: all), and their base
// images, with what the registries have now, and writes what is newer as a table, or as JSON. A newer version is not an
// error; a registry that could not be asked is one, because the answer is incomplete.
func (p Project) Outdated(ctx context.Context, services string, asJSON bool) error {
	sel, err := p.selection(services)
	if err != nil {
		return err
	}
	p.say("packages of %s", sel)
	ecosystems := []outdated.Ecosystem{outdated.Npm(), outdated.PyPI(), outdated.Go(), outdated.Bases(build.Mirrored)}
	var packages []outdated.Package
	from := map[string]string{} // the name of its Debian, by service
	var unrecorded []string
	for _, s := range sel.Services {
		found, debian, err := p.packages(s)
		if err != nil {
			return err
		}
		packages = append(packages, found...)
		from[s.Name] = debian.Name
		if p.installs(s) {
			unrecorded = append(unrecorded, s.Name)
		}
		if debian.Name != "" && !has(ecosystems, debian.Name) {
			ecosystems = append(ecosystems, debian)
		}
	}
	if len(unrecorded) > 0 {
		p.say("not compared: Debian packages that only builds have, such as compilers; get today's: %s%s", rebuild, strings.Join(unrecorded, ","))
	}
	p.say("asking for %d packages in %d registries", len(packages), len(ecosystems))
	report := outdated.Check(ctx, packages, ecosystems...)
	write := report.Write
	if asJSON {
		write = report.WriteJSON
	}
	if err := write(p.Out); err != nil {
		return err
	}
	if err := p.learn(report, from); err != nil {
		return err
	}
	if len(report.Unreachable) > 0 {
		return fmt.Errorf("%d of the registries could not be reached", len(report.Unreachable))
	}
	return nil
}

// installs reports whether the build of a service installs Debian packages, of which its image need not have any.
func (p Project) installs(s catalog.Service) bool {
	data, err := os.ReadFile(filepath.Join(p.Root, filepath.FromSlash(s.Dir), "Dockerfile"))
	return err == nil && bytes.Contains(data, []byte("apt-get install"))
}

// learn keeps what the Debian of each service has, for Build, and names the command that gets what is newer.
func (p Project) learn(report outdated.Report, from map[string]string) error {
	var stale []string
	for _, service := range slices.Sorted(maps.Keys(from)) {
		latest, asked := report.Latest[from[service]]
		if !asked {
			continue
		}
		if err := p.noteDebian(service, latest); err != nil {
			return err
		}
		if slices.ContainsFunc(report.Outdated, func(r outdated.Row) bool {
			return r.Ecosystem == from[service] && slices.Contains(r.Services, service)
		}) {
			stale = append(stale, service)
		}
	}
	if len(stale) > 0 {
		p.say("get Debian's newer packages: %s%s", rebuild, strings.Join(stale, ","))
	}
	return nil
}

func has(ecosystems []outdated.Ecosystem, name string) bool {
	for _, e := range ecosystems {
		if e.Name == name {
			return true
		}
	}
	return false
}

// packages are those of a service's image for its first platform, and the Debian that those of the OS come from.
func (p Project) packages(s catalog.Service) (found []outdated.Package, debian outdated.Ecosystem, err error) {
	idx, err := image.Open(build.Layout(p.Root, s.Name))
	if err != nil {
		return nil, debian, fmt.Errorf("look into the image of %s: %w; `go tool mage build` makes it", s.Name, err)
	}
	defer func() { err = errors.Join(err, idx.Close()) }()
	img := idx.Images()[0]
	packages, err := owners.Packages(s.Name, img)
	if err != nil {
		return nil, debian, err
	}
	if codename := codename(img); codename != "" {
		debian = outdated.Debian(codename, catalog.Platform(img.Platform()).Arch())
	}
	from := map[string]string{"os": debian.Name, "go": outdated.Go().Name, "python": outdated.PyPI().Name, "npm": outdated.Npm().Name}
	unknown := 0
	for _, o := range packages {
		ecosystem := from[o.Kind]
		if o.Kind == "os" && ecosystem == "" {
			unknown++
		}
		if o.Kind == "program" && o.Name == "node" { // npm has every release of Node.js, as the package node
			ecosystem = outdated.Npm().Name
		}
		if ecosystem != "" {
			found = append(found, outdated.Package{Service: s.Name, Ecosystem: ecosystem, Name: o.Name, Has: o.Version})
		}
	}
	if unknown > 0 {
		p.say("%s: its %d packages of the OS are left out: /etc/os-release names no Debian, and only that is known here", s.Name, unknown)
	}
	name := s.Dir + "/Dockerfile"
	data, err := os.ReadFile(filepath.Join(p.Root, filepath.FromSlash(name)))
	if err != nil {
		return nil, debian, fmt.Errorf("look for the bases of %s: %w", s.Name, err)
	}
	bases, err := dockerfile.BasesFor(name, data, catalog.Platforms)
	if err != nil {
		return nil, debian, err
	}
	for _, b := range bases {
		if base, ok := outdated.Pinned(s.Name, b.Ref); ok {
			found = append(found, base)
		}
	}
	return found, debian, nil
}

// codename is the release of Debian that an image says to be of; empty when it says nothing.
func codename(img image.Image) string {
	files, err := img.Files()
	if err != nil {
		return ""
	}
	content, err := files.Open("/etc/os-release")
	if err != nil {
		return ""
	}
	debian, name := false, ""
	for lines := bufio.NewScanner(content); lines.Scan(); {
		key, value, _ := strings.Cut(lines.Text(), "=")
		value = strings.Trim(value, `"`)
		debian = debian || key == "ID" && value == "debian"
		if key == "VERSION_CODENAME" {
			name = value
		}
	}
	if !debian {
		return ""
	}
	return name
}
