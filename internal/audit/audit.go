package audit

import (
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"time"

	"golang.org/x/sync/errgroup"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/finding"
	"example.com/stagecraft/internal/image"
)

// Services checks the built image of each service, out/images/NAME, against all rules for images, on every platform that
// was built. It remembers in out/audit what each image was made of, to say at the next build what grew.
func Services(root string, services []catalog.Service) (finding.Report, error) {
	now := time.Now()
	report := newReport()
	report.Explain = finding.Here
	for n := range services {
		s := &services[n]
		dir := filepath.Join(root, "out", "images", s.Name)
		idx, err := image.Open(dir)
		if err != nil {
			return finding.Report{}, fmt.Errorf("audit %s: %w; `go tool mage build` makes it", s.Name, err)
		}
		memory := openMemory(filepath.Join(root, "out", "audit", s.Name+".json"), idx.Digest().String())
		one, err := auditIndex(s.Name, idx, s, memory, now)
		if err := closing(idx, err); err != nil {
			return finding.Report{}, err
		}
		report.Add(one)
		if err := memory.save(); err != nil {
			return finding.Report{}, err
		}
	}
	report.Finish()
	return report, nil
}

// Index checks an image that belongs to no service against the rules that need no service.yaml, on every platform.
func Index(name string, idx image.Index) (finding.Report, error) {
	report, err := auditIndex(name, idx, nil, nil, time.Now())
	report.Finish()
	return report, err
}

func closing(what io.Closer, err error) error {
	if closed := what.Close(); err == nil {
		return closed
	}
	return err
}

// auditIndex looks at as many platforms at once as there are processors: each is mostly decompression, and takes as much
// disk as it has bytes until it has been looked at.
func auditIndex(name string, idx image.Index, s *catalog.Service, memory *memory, now time.Time) (finding.Report, error) {
	images := idx.Images()
	reports := make([]finding.Report, len(images))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for n, img := range images {
		group.Go(func() error {
			i, err := read(img, name, s)
			if err != nil {
				return closing(img, err)
			}
			i.Before = memory.before(img.Platform())
			one := audit(i, checks)
			if err := closing(img, nil); err != nil {
				return err
			}
			one.Notes = i.notes()
			memory.note(img.Platform(), i.owners.Contributors())
			reports[n] = one
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return finding.Report{}, err
	}
	report := newReport()
	report.Notes = leftOut(name, idx)
	built := map[catalog.Platform]bool{}
	for n, one := range reports {
		report.Add(one)
		built[catalog.Platform(images[n].Platform())] = true
	}
	if s != nil {
		allowed := finding.WaiversOf(s, func(key string) bool { return Rules.Find(key) != nil }) // lint reports keys that no rule has
		allowed.Apply(&report, now)
		complete := true // a waiver may be for a platform that was not built
		for platform := range s.Size {
			complete = complete && built[platform]
		}
		report.Findings = append(report.Findings, allowed.Faults(Rules, now, complete)...)
	}
	return report, nil
}

// leftOut are notes about images of an index that the rules cannot judge.
func leftOut(name string, idx image.Index) []finding.Finding {
	var notes []finding.Finding
	for _, platform := range idx.LeftOut() {
		notes = append(notes, finding.Finding{
			Rule: arch.Key, Image: name, Platform: platform,
			Message: "is skipped: the rules are for images of Linux", Fix: "check it with tools of its own system",
		})
	}
	return notes
}

// notes are what is worth knowing about an image and no finding.
func (i *Image) notes() []finding.Finding {
	notes := i.offers()
	if db := i.owners.RpmDatabase(); db != "" {
		notes = append(notes, finding.Finding{
			Rule: attributable.Key, Image: i.Name, Platform: i.Platform(), Path: db,
			Message: "is not applied: this database of RPM is not read, so that what its packages own is not known",
			Fix:     "a scanner that reads it, such as syft, lists them",
		})
	}
	return notes
}
