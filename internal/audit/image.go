package audit

import (
	"fmt"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/finding"
	"example.com/stagecraft/internal/image"
	"example.com/stagecraft/internal/owners"
	"example.com/stagecraft/internal/rootfs"
)

// Image is the image of one platform to look at, and what else is known about it.
type Image struct {
	*rootfs.FS
	Name    string               // as reported
	Service *catalog.Service     // nil when it belongs to none
	Before  []owners.Contributor // of the previous build; nil when not known

	owners *owners.Owners
}

// audit checks one image against the rules. Its waivers are applied by the caller, for all platforms together.
func audit(i *Image, rules []*rule) finding.Report {
	report := newReport()
	report.Subjects = 1
	for _, r := range rules {
		if r.Needs == finding.Service && i.Service == nil {
			continue
		}
		r.check(i, func(path, what, fix string, details ...string) {
			f := finding.Finding{Rule: r.Key, Image: i.Name, Platform: i.Platform(), Path: path, Message: what, Fix: fix, Details: details}
			if i.Service != nil {
				f.ServiceFile = i.Service.Dir + "/service.yaml"
			}
			report.Findings = append(report.Findings, f)
		})
	}
	return report
}

// read reads the files of an image and what they came with.
func read(img image.Image, name string, s *catalog.Service) (*Image, error) {
	root, err := rootfs.Read(img)
	if err != nil {
		return nil, fmt.Errorf("audit %s for %s: %w", name, img.Platform(), err)
	}
	i := &Image{FS: root, Name: name, Service: s}
	if s == nil {
		i.owners = owners.Find(root, name)
	} else {
		i.owners = owners.Find(root, s.Name, "/app")
	}
	return i, nil
}
