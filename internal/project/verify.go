package project

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"text/tabwriter"

	"example.com/stagecraft/internal/build"
	"example.com/stagecraft/internal/image"
	"example.com/stagecraft/internal/verify"
)

// Verify builds the named services for the named platforms (comma-separated; empty: all) twice from nothing and compares the
// images, which must be the same to the bit. out/images and the engine's tags stay as they are; when something differs, both
// builds are left in out/verify to look at.
func (p Project) Verify(ctx context.Context, services, platforms string) error {
	builder, sel, _, err := p.builder(ctx, services, platforms)
	if err != nil {
		return err
	}
	dir := filepath.Join(p.Root, "out", "verify")
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("remove the last comparison: %w", err)
	}
	builds := []string{filepath.Join(dir, "first"), filepath.Join(dir, "second")}
	for n, to := range builds {
		p.say("build %d of 2, every step anew", n+1)
		if err := builder.Fresh(ctx, sel, build.Fresh{Dir: to, NoCache: true}); err != nil {
			return err
		}
	}
	if err := p.compare(sel, builds[0], builds[1]); err != nil {
		return fmt.Errorf("%w; both are in %s", err, dir)
	}
	return os.RemoveAll(dir)
}

// compare compares two folders of layouts and writes a line an image.
func (p Project) compare(sel build.Selection, first, second string) error {
	table := tabwriter.NewWriter(p.Out, 0, 0, 2, ' ', 0)
	var lines []string
	same, all := 0, 0
	for _, s := range sel.Services {
		a, err := image.Open(filepath.Join(first, s.Name))
		if err != nil {
			return err
		}
		defer a.Close()
		b, err := image.Open(filepath.Join(second, s.Name))
		if err != nil {
			return err
		}
		defer b.Close()
		found, err := verify.Compare(a, b)
		if err != nil {
			return fmt.Errorf("compare the builds of %s: %w", s.Name, err)
		}
		differs := map[string]bool{}
		for _, d := range found {
			differs[d.Platform] = true
			lines = append(lines, s.Name+": "+d.String())
		}
		for _, i := range a.Images() {
			verdict := "differs"
			if all++; !differs[i.Platform()] {
				verdict = "identical"
				same++
			}
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", verdict, s.Name, i.Platform(), i.Digest())
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, line := range lines {
		fmt.Fprintln(p.Out, line)
	}
	fmt.Fprintf(p.Out, "%d of %d images are the same to the bit in two builds from nothing\n", same, all)
	if len(lines) > 0 {
		return errors.New("builds are not reproducible")
	}
	return nil
}
