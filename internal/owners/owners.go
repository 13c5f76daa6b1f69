// Package owners finds what the files of an image came with: packages of the OS and of languages, modules, the application itself.
package owners

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"

	"example.com/stagecraft/internal/image"
	"example.com/stagecraft/internal/rootfs"
)

// Owner is what a file came with.
type Owner struct {
	Kind    string `json:"kind"` // os, go, python, npm, note, program or service
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
}

func (o Owner) String() string {
	if o.Version == "" {
		return o.Name
	}
	return o.Name + " " + o.Version
}

// Owners knows for each file what it came with.
type Owners struct {
	root   *rootfs.FS
	byPath map[string]Owner
	Inside []folder         // folders all of whose files have one owner, the deepest first
	Debian map[Owner]string // the control record of each Debian package, of whose files the image may have none
}

type folder struct {
	Path  string
	Owner Owner
}

// Find reads every record of packages that an image has. What is in folders, and where the image starts, is the application's.
func Find(i *rootfs.FS, application string, folders ...string) *Owners {
	o := &Owners{root: i, byPath: map[string]Owner{}, Debian: map[Owner]string{}}
	o.addDebian(i)
	o.addAlpine(i)
	o.addWheels(i)
	o.addNpm(i)
	o.addPrograms(i)
	o.addKnown(i)
	o.addGenerated()
	o.addService(i, application, folders)
	slices.SortStableFunc(o.Inside, func(a, b folder) int { return cmp.Compare(len(b.Path), len(a.Path)) })
	o.addCompiled(i)
	return o
}

// of is the owner of a file.
func (o *Owners) of(p string) (Owner, bool) {
	if owner, ok := o.byPath[p]; ok {
		return owner, true
	}
	for _, f := range o.Inside {
		if strings.HasPrefix(p, f.Path+"/") {
			return f.Owner, true
		}
	}
	return Owner{}, false
}

// set gives a path, as a record names it, to an owner. The first record wins.
func (o *Owners) set(i *rootfs.FS, p string, owner Owner) {
	p = path.Clean("/" + p)
	// Records may name a folder that is a link in the image: /lib for /usr/lib.
	if e, err := i.Tree.Resolve(path.Dir(p)); err == nil {
		p = path.Join(e.Path, path.Base(p))
	}
	if _, taken := o.byPath[p]; !taken {
		o.byPath[p] = owner
	}
}

// addPrograms owns programs by what their linker wrote into them.
func (o *Owners) addPrograms(i *rootfs.FS) {
	for p, f := range i.ELFs {
		if _, taken := o.byPath[p]; taken {
			continue
		}
		switch {
		case f.Build != nil && f.Build.Main.Path != "":
			o.byPath[p] = Owner{"go", f.Build.Main.Path, f.Build.Main.Version}
		case f.Build != nil && f.Build.Path != "":
			o.byPath[p] = Owner{"go", f.Build.Path, ""}
		case f.Note != nil:
			o.byPath[p] = Owner{"note", f.Note.Name, f.Note.Version}
		}
	}
}

// known are programs that carry no note and come with no record, by the text in front of their version: scanners know them by
// the same. Source: https://github.com/anchore/syft/blob/main/syft/pkg/cataloger/binary/classifier_cataloger.go
var known = map[string]string{"node": "node.js/v"}

func (o *Owners) addKnown(i *rootfs.FS) {
	for p := range i.ELFs {
		before := known[path.Base(p)]
		if _, taken := o.byPath[p]; taken || before == "" {
			continue
		}
		if version := versionBehind(i, p, before); version != "" {
			o.byPath[p] = Owner{"program", path.Base(p), version}
		}
	}
}

var leadingNumbers = regexp.MustCompile(`^\d+\.\d+\.\d+`)

// versionBehind finds the first version behind a text in a file that may be large.
func versionBehind(i *rootfs.FS, p, before string) string {
	content, err := i.Tree.Open(p)
	if err != nil {
		return ""
	}
	const overlap = 64
	buffer := make([]byte, 1<<20)
	for at := int64(0); at < content.Size(); at += int64(len(buffer)) - overlap {
		n, err := content.ReadAt(buffer, at)
		if err != nil && !errors.Is(err, io.EOF) {
			return ""
		}
		for rest := buffer[:n]; ; {
			k := bytes.Index(rest, []byte(before))
			if k < 0 {
				break
			}
			rest = rest[k+len(before):]
			if version := leadingNumbers.Find(rest); version != nil {
				return string(version)
			}
		}
	}
	return ""
}

// generated are files that the programs of a package write, so that no record lists them.
var generated = map[string]string{
	"/etc/ssl/certs/ca-certificates.crt": "ca-certificates",
	"/etc/ssl/cert.pem":                  "ca-certificates",
	"/etc/pki/tls/certs/ca-bundle.crt":   "ca-certificates",
	"/etc/ld.so.cache":                   "libc-bin",
	"/etc/passwd":                        "base-passwd",
	"/etc/group":                         "base-passwd",
	"/etc/shadow":                        "base-passwd",
}

func (o *Owners) addGenerated() {
	for p, name := range generated {
		if _, taken := o.byPath[p]; !taken {
			o.byPath[p] = o.installed(name)
		}
	}
}

// addCompiled gives .pyc files to the owner of what they were compiled from, or else of most files next to them: an image
// may hold the compiled file alone.
func (o *Owners) addCompiled(i *rootfs.FS) {
	neighbours := map[string]map[Owner]int{}
	for p, owner := range o.byPath {
		if strings.HasSuffix(p, ".py") || strings.HasSuffix(p, ".pyc") || strings.HasSuffix(p, ".so") {
			dir := path.Dir(p)
			if neighbours[dir] == nil {
				neighbours[dir] = map[Owner]int{}
			}
			neighbours[dir][owner]++
		}
	}
	for _, e := range i.Regular {
		if _, known := o.of(e.Path); known || !strings.HasSuffix(e.Path, ".pyc") {
			continue
		}
		dir, name := path.Split(e.Path)
		dir = path.Dir(strings.TrimSuffix(path.Clean(dir), "/__pycache__") + "/")
		source := path.Join(dir, strings.SplitN(name, ".", 2)[0]+".py")
		if owner, ok := o.of(source); ok {
			o.byPath[e.Path] = owner
			continue
		}
		for ; dir != "/"; dir = path.Dir(dir) {
			if most, ok := most(neighbours[dir]); ok {
				o.byPath[e.Path] = most
				break
			}
		}
	}
}

func most(count map[Owner]int) (Owner, bool) {
	var best Owner
	n := 0
	for owner, c := range count {
		if c > n || c == n && owner.Name < best.Name {
			best, n = owner, c
		}
	}
	return best, n > 0
}

// Contributor is an owner and the bytes of an image that it has.
type Contributor struct {
	Owner
	Bytes int64 `json:"bytes"`
}

// Unowned is the owner of what no record names.
var Unowned = Owner{Name: "nothing that is recorded"}

// Contributors are all owners, the largest first. Together they have every byte of the image.
func (o *Owners) Contributors() []Contributor {
	sum := map[Owner]int64{}
	for _, e := range o.root.Regular {
		sum[o.OwnerOf(e)] += e.Size
	}
	var all []Contributor
	for owner, bytes := range sum {
		all = append(all, Contributor{owner, bytes})
	}
	slices.SortFunc(all, func(a, b Contributor) int {
		return cmp.Or(cmp.Compare(b.Bytes, a.Bytes), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Version, b.Version))
	})
	return all
}

// OwnerOf is the owner of a file by any of its names, or unowned.
func (o *Owners) OwnerOf(e image.Entry) Owner {
	if owner, ok := o.Owned(e); ok {
		return owner
	}
	return Unowned
}

// Owned is the owner of a file by any of its names.
func (o *Owners) Owned(e image.Entry) (Owner, bool) {
	first := rootfs.FirstPath(e)
	for _, p := range slices.Concat([]string{e.Path, first}, o.root.Links[first]) {
		if owner, ok := o.of(p); ok {
			return owner, true
		}
	}
	return Owner{}, false
}
