package rules

import (
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"time"

	"golang.org/x/sync/errgroup"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/image"
)

// AuditServices checks the built image of each service, out/images/NAME, against all rules for images, on every platform that
// was built. It remembers in out/audit what each image was made of, to say at the next build what grew.
func AuditServices(root string, services []catalog.Service) (Report, error) {
	now := time.Now()
	report := Report{Noun: "image", Explain: here}
	for n := range services {
		s := &services[n]
		dir := filepath.Join(root, "out", "images", s.Name)
		idx, err := image.Open(dir)
		if err != nil {
			return Report{}, fmt.Errorf("audit %s: %w; `go tool mage build` makes it", s.Name, err)
		}
		memory := openMemory(filepath.Join(root, "out", "audit", s.Name+".json"), idx.Digest().String())
		one, err := auditIndex(s.Name, idx, s, memory, now)
		if err := closing(idx, err); err != nil {
			return Report{}, err
		}
		report.add(one)
		if err := memory.save(); err != nil {
			return Report{}, err
		}
	}
	report.finish()
	return report, nil
}

// AuditImage checks an image that belongs to no service against the rules that need no service.yaml, on every platform.
func AuditImage(name string, idx image.Index) (Report, error) {
	report, err := auditIndex(name, idx, nil, nil, time.Now())
	report.Noun = "image"
	report.finish()
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
func auditIndex(name string, idx image.Index, s *catalog.Service, memory *memory, now time.Time) (Report, error) {
	images := idx.Images()
	reports := make([]Report, len(images))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for n, img := range images {
		group.Go(func() error {
			i := &Image{Image: img, Name: name, Service: s, Before: memory.before(img.Platform())}
			one, err := auditImage(i, All)
			if err := closing(img, err); err != nil {
				return err
			}
			one.Notes = i.notes()
			memory.note(img.Platform(), i.contributors())
			reports[n] = one
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return Report{}, err
	}
	report := Report{Notes: leftOut(name, idx)}
	built := map[catalog.Platform]bool{}
	for n, one := range reports {
		report.add(one)
		built[catalog.Platform(images[n].Platform())] = true
	}
	if s != nil {
		allowed := fromService(s, (*Rule).ForImages)
		allowed.apply(&report, now)
		complete := true // a waiver may be for a platform that was not built
		for platform := range s.Size {
			complete = complete && built[platform]
		}
		// Keys that no rule has are reported by lint, once.
		for _, f := range allowed.faults(now, complete) {
			if Find(allowed.ruleAt(f.Line)) != nil {
				report.Findings = append(report.Findings, f)
			}
		}
	}
	return report, nil
}

// leftOut are notes about images of an index that the rules cannot judge.
func leftOut(name string, idx image.Index) []Finding {
	var notes []Finding
	for _, platform := range idx.LeftOut() {
		notes = append(notes, Finding{
			Rule: arch.Key, Image: name, Platform: platform,
			Message: "is skipped: the rules are for images of Linux", Fix: "check it with tools of its own system",
		})
	}
	return notes
}

// notes are what is worth knowing about an image and no finding.
func (i *Image) notes() []Finding {
	notes := i.offers()
	if db := i.rpmDatabase(); db != "" {
		notes = append(notes, Finding{
			Rule: attributable.Key, Image: i.Name, Platform: i.Platform(), Path: db,
			Message: "is not applied: this database of RPM is not read, so that what its packages own is not known",
			Fix:     "a scanner that reads it, such as syft, lists them",
		})
	}
	return notes
}

func (all waivers) ruleAt(line int) string {
	for _, p := range all {
		if p.line == line {
			return p.rule
		}
	}
	return ""
}
