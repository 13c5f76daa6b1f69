package audit

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/finding"
	"example.com/stagecraft/internal/image"
	"example.com/stagecraft/internal/owners"
)

// writeTo puts the image of a fake into out/images of a repository.
func (f fakeImage) writeTo(t *testing.T, root string) {
	t.Helper()
	dir := filepath.Join(root, "out", "images", "demo")
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	idx := f.layout(t)
	if _, err := layout.Write(dir, idx); err != nil {
		t.Fatal(err)
	}
}

func TestAuditServices(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	s := fakeService()
	audit := func(f fakeImage) finding.Report {
		t.Helper()
		f.writeTo(t, root)
		r, err := Services(root, []catalog.Service{*s})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	good := withFiles(nil)(t)
	if r := audit(good); !r.OK() || r.Subjects != 1 || len(r.Notes) != 2 || !strings.Contains(r.Notes[0].Fix, "linux/amd64.unpacked in services/demo/service.yaml") {
		t.Errorf("a good image: %+v", r)
	}
	grown := withFiles(map[string]file{"/app/x": big})(t)
	for range 2 { // asking again does not make the large image the one to compare with
		r := audit(grown)
		if len(r.Findings) != 1 || !slices.ContainsFunc(r.Findings[0].Details, func(d string) bool { return strings.HasSuffix(d, "+300 kB  demo (new)") }) {
			t.Errorf("a grown image: %+v", r.Findings)
		}
	}
	if err := os.WriteFile(filepath.Join(root, "out", "audit", "demo.json"), []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	if r := audit(grown); len(r.Findings) != 1 || r.Findings[0].Details[0] != "largest, unpacked:" {
		t.Errorf("without a memory: %+v", r.Findings)
	}
	s.Name = "other"
	if _, err := Services(root, []catalog.Service{*s}); err == nil || !strings.Contains(err.Error(), "mage build") {
		t.Errorf("an image that is not there: %v", err)
	}
}

func TestAuditImageOfOthers(t *testing.T) {
	t.Parallel()
	f := withFiles(map[string]file{"/bin/sh": {content: "x", mode: 0o4755}})(t)
	f.config.User = ""
	r, err := Index("example.com/x:1", f.open(t))
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, f := range r.Findings {
		keys = append(keys, f.Rule)
	}
	if got := strings.Join(keys, " "); got != "lean privilege privilege" || r.Noun != "image" {
		t.Errorf("findings are %s", got)
	}
}

// What is not judged is said, and fails nothing.
func TestAuditNotes(t *testing.T) {
	t.Parallel()
	windows, err := mutate.ConfigFile(empty.Image, &v1.ConfigFile{OS: "windows", Architecture: "amd64", RootFS: v1.RootFS{Type: "layers"}})
	if err != nil {
		t.Fatal(err)
	}
	fedora := withFiles(map[string]file{"/usr/lib/sysimage/rpm/Packages.db": {content: "x"}, "/opt/x": big})(t)
	idx, err := image.FromIndex(mutate.AppendManifests(empty.Index, mutate.IndexAddendum{Add: fedora.image(t)}, mutate.IndexAddendum{Add: windows}))
	if err != nil {
		t.Fatal(err)
	}
	defer idx.Close()
	r, err := Index("x", idx)
	if err != nil {
		t.Fatal(err)
	}
	var notes []string
	for _, n := range r.Notes {
		notes = append(notes, n.Place()+" "+n.Rule)
	}
	if got := strings.Join(notes, ", "); got != "x:windows/amd64 arch, x:linux/amd64:/usr/lib/sysimage/rpm/Packages.db attributable" || !r.OK() || r.Subjects != 1 {
		t.Errorf("notes are %s, the report is %+v", got, r)
	}
	tree, err := idx.Images()[0].Files()
	if err != nil {
		t.Fatal(err)
	}
	if f, err := tree.Open("/opt/x"); err == nil {
		if _, err := f.ReadAt(make([]byte, 1), 0); err == nil {
			t.Error("an image that has been looked at still takes disk")
		}
	}
}

func TestContributorsHaveEveryByte(t *testing.T) {
	t.Parallel()
	f := withFiles(map[string]file{"/a": big, "/app/b": big, "/c": {hardLink: "/a"}})(t)
	i, err := read(f.open(t).Images()[0], "demo", fakeService())
	if err != nil {
		t.Fatal(err)
	}
	var sum int64
	names := map[string]bool{}
	for _, c := range i.owners.Contributors() {
		sum += c.Bytes
		names[c.Name] = true
	}
	measured, err := i.Size()
	if err != nil || sum != measured.Unpacked || !names[owners.Unowned.Name] {
		t.Errorf("contributors have %d bytes, the image %d, %v; %v", sum, measured.Unpacked, err, slices.Collect(maps.Keys(names)))
	}
}

// A path in a waiver may stand for several, and waivers of an image are judged over all its platforms.
func TestWaiversOfImages(t *testing.T) {
	t.Parallel()
	f := withFiles(map[string]file{"/app/a.ts": {content: some}, "/b/c.ts": {content: some}})(t)
	s := fakeService()
	s.Allow = []catalog.Waiver{{Rule: "lean", Path: "/*/*.ts", Reason: "x"}, {Rule: "arch", Path: "/x", Reason: "x", Line: 9}, {Rule: "user", Reason: "lint's"}}
	report, err := auditIndex("demo", f.open(t), s, nil, time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Findings) != 1 || report.Findings[0].Rule != "waiver" || report.Findings[0].Line != 9 || len(report.Waived) != 2 {
		t.Errorf("findings are %v, waived %v", report.Findings, report.Waived)
	}
	s.Size["linux/arm64"] = catalog.Ceiling{}
	if report, err = auditIndex("demo", f.open(t), s, nil, time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	if len(report.Findings) != 0 {
		t.Errorf("a waiver may be for the platform that was not built: %v", report.Findings)
	}
}
