package rules

import (
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/image"
)

// AuditServices holds the built image of each service, out/images/NAME, to all rules for images, on every platform that
// was built. It remembers in out/audit what each image was made of, to tell at the next build what grew.
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
	sortFindings(report.Findings)
	return report, nil
}

// AuditImage holds an image that belongs to no service to the rules that need no service.yaml, on every platform.
func AuditImage(name string, idx image.Index) (Report, error) {
	report, err := auditIndex(name, idx, nil, nil, time.Now())
	report.Noun = "image"
	sortFindings(report.Findings)
	return report, err
}

func closing(idx image.Index, err error) error {
	if closed := idx.Close(); err == nil {
		return closed
	}
	return err
}

// auditIndex looks at all platforms at once: each is mostly decompression.
func auditIndex(name string, idx image.Index, s *catalog.Service, memory *memory, now time.Time) (Report, error) {
	images := idx.Images()
	reports := make([]Report, len(images))
	errs := make([]error, len(images))
	var wait sync.WaitGroup
	for n, img := range images {
		wait.Go(func() {
			i := &Image{Image: img, Name: name, Service: s, Before: memory.before(img.Platform())}
			reports[n], errs[n] = auditImage(i, All)
			if errs[n] == nil {
				reports[n].Notes = i.offers()
				memory.note(img.Platform(), i.contributors())
			}
		})
	}
	wait.Wait()
	var report Report
	built := map[catalog.Platform]bool{}
	for n, one := range reports {
		if errs[n] != nil {
			return Report{}, errs[n]
		}
		report.add(one)
		built[catalog.Platform(images[n].Platform())] = true
	}
	if s != nil {
		allowed := fromService(s, (*Rule).ForImages)
		allowed.apply(&report, now)
		complete := true // an excuse may be for a platform that was not built
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

func (all excuses) ruleAt(line int) string {
	for _, p := range all {
		if p.line == line {
			return p.rule
		}
	}
	return ""
}
