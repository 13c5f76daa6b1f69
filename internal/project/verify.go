package project

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"text/tabwriter"

	"example.com/stagecraft/internal/build"
	"example.com/stagecraft/internal/image"
	"example.com/stagecraft/internal/imagediff"
)

// Verify builds the named services for the named platforms (comma-separated; empty: all) twice from nothing and compares the
// images, which must be the same bit for bit. Where Debian published newer packages between the two, it says so: that is not the
// build's fault. out/images and the engine's tags stay as they are; when something differs, both
// builds are left in out/verify to look at.
func (p Project) Verify(ctx context.Context, services, platforms string) error {
	j, err := p.job(ctx, services, platforms)
	if err != nil {
		return err
	}
	plan, err := j.planned(ctx)
	if err != nil {
		return err
	}
	dir := filepath.Join(p.Root, "out", "verify")
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("remove the last comparison: %w", err)
	}
	builds := []string{filepath.Join(dir, "first"), filepath.Join(dir, "second")}
	for n, to := range builds {
		p.say("build %d of 2, no step from the cache", n+1)
		if err := j.Fresh(ctx, plan, build.Fresh{Dir: to, NoCache: true}); err != nil {
			return err
		}
	}
	if err := p.compare(j.sel, builds[0], builds[1]); err != nil {
		return fmt.Errorf("%w; both are in %s", err, dir)
	}
	return os.RemoveAll(dir)
}

// compare compares two folders of layouts and writes a line an image, and below them one a difference.
func (p Project) compare(sel build.Selection, first, second string) error {
	table := tabwriter.NewWriter(p.Out, 0, 0, 2, ' ', 0)
	var differences, news []string
	same, all, unlike := 0, 0, 0
	for _, s := range sel.Services {
		digests, found, err := compareLayouts(filepath.Join(first, s.Name), filepath.Join(second, s.Name))
		if err != nil {
			return fmt.Errorf("compare the builds of %s: %w", s.Name, err)
		}
		packages, err := newPackages(filepath.Join(first, s.Name), filepath.Join(second, s.Name))
		if err != nil {
			return fmt.Errorf("compare the builds of %s: %w", s.Name, err)
		}
		if len(packages) > 0 {
			unlike += len(digests)
			news = append(news, fmt.Sprintf("%s: not compared: the second build got other packages (%s)", s.Name, few(packages)))
			continue
		}
		differs := map[string]bool{}
		for _, d := range found {
			differs[d.Platform] = true
			differences = append(differences, s.Name+": "+d.String())
		}
		for _, platform := range slices.Sorted(maps.Keys(digests)) {
			verdict := "differs"
			if all++; !differs[platform] {
				verdict = "identical"
				same++
			}
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", verdict, s.Name, platform, digests[platform])
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, line := range slices.Concat(differences, news) {
		fmt.Fprintln(p.Out, line)
	}
	fmt.Fprintf(p.Out, "%d of %d images are the same to the bit in two builds from nothing\n", same, all+unlike)
	if len(differences) > 0 {
		return errors.New("builds are not reproducible")
	}
	if len(news) > 0 {
		return errors.New("Debian published newer packages between the builds; run the same command again") //nolint:staticcheck // a name
	}
	return nil
}

// newPackages lists the packages whose versions differ between two layouts.
func newPackages(first, second string) ([]string, error) {
	var found [2][]build.Package
	for n, dir := range []string{first, second} {
		idx, err := image.Open(dir)
		if err != nil {
			return nil, err
		}
		found[n], err = build.Packages(filepath.Base(dir), idx)
		if err := errors.Join(err, idx.Close()); err != nil {
			return nil, err
		}
	}
	return moved(found[0], found[1]), nil
}

// compareLayouts compares two layouts; it returns the digests in the first, by platform.
func compareLayouts(first, second string) (digests map[string]string, found []imagediff.Difference, err error) {
	a, err := image.Open(first)
	if err != nil {
		return nil, nil, err
	}
	defer a.Close()
	b, err := image.Open(second)
	if err != nil {
		return nil, nil, err
	}
	defer b.Close()
	digests = map[string]string{}
	for _, i := range a.Images() {
		digests[i.Platform()] = i.Digest().String()
	}
	found, err = imagediff.Compare(a, b)
	return digests, found, err
}
