package imagediff

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"example.com/stagecraft/internal/image"
)

// record is an entry of a layer with the digest of its content.
type record struct {
	image.Entry
	sum string
}

// key is what an entry is found by. A layer may have a path twice.
type key struct {
	path string
	nth  int
}

// contents are the entries of a layer, and their order.
func contents(l image.Layer) (map[key]record, []key, error) {
	all := map[key]record{}
	seen := map[string]int{}
	var order []key
	err := l.Walk(func(e image.Entry, content io.Reader) error {
		sum := sha256.New()
		if _, err := io.Copy(sum, content); err != nil {
			return fmt.Errorf("read %s in layer %s: %w", e.Path, l.Digest(), err)
		}
		k := key{e.Path, seen[e.Path]}
		seen[e.Path]++
		all[k] = record{e, hex.EncodeToString(sum.Sum(nil))}
		order = append(order, k)
		return nil
	})
	return all, order, err
}

// compareLayers finds the first difference, in the order of the layer, of two layers that have one.
func compareLayers(a, b image.Layer) (Difference, error) {
	if a.DiffID() == b.DiffID() {
		return Difference{Kind: Packing, Before: a.Digest().String(), After: b.Digest().String()}, nil
	}
	first, order, err := contents(a)
	if err != nil {
		return Difference{}, err
	}
	second, otherOrder, err := contents(b)
	if err != nil {
		return Difference{}, err
	}
	var found []Difference
	note := func(d Difference, differ bool) {
		if differ {
			found = append(found, d)
		}
	}
	for _, k := range order {
		other, ok := second[k]
		if !ok {
			note(Difference{Kind: Missing, Path: k.path, Before: first[k].describe()}, true)
			continue
		}
		note(compareEntries(first[k], other))
	}
	for _, k := range otherOrder {
		if _, ok := first[k]; !ok {
			note(Difference{Kind: Missing, Path: k.path, After: second[k].describe()}, true)
		}
	}
	if len(found) > 0 {
		// A folder's time changes with what is in it: what is in it tells more.
		d := found[slices.IndexFunc(found, func(d Difference) bool { return d.Kind == slices.MinFunc(found, worse).Kind })]
		d.More = len(found) - 1
		return d, nil
	}
	for n := range order {
		if order[n] != otherOrder[n] {
			return Difference{Kind: Order, Before: order[n].path + " is entry " + fmt.Sprint(n+1), After: otherOrder[n].path}, nil
		}
	}
	return Difference{Kind: Stream, Before: a.DiffID().String(), After: b.DiffID().String()}, nil
}

// kinds are those of entries, the most telling first.
var kinds = []Kind{Missing, Type, Bytes, Link, Mode, Owner, Attribute, Time}

func worse(a, b Difference) int {
	return cmp.Compare(slices.Index(kinds, a.Kind), slices.Index(kinds, b.Kind))
}

// compareEntries finds the first difference of two entries of one path.
func compareEntries(a, b record) (Difference, bool) {
	d := Difference{Path: a.Path}
	for _, c := range []struct {
		kind          Kind
		before, after string
	}{
		{Type, a.describe(), b.describe()},
		{Bytes, a.bytes(), b.bytes()},
		{Link, a.Link, b.Link},
		{Mode, a.Mode.String(), b.Mode.String()},
		{Owner, fmt.Sprintf("%d:%d", a.UID, a.GID), fmt.Sprintf("%d:%d", b.UID, b.GID)},
		{Attribute, attributes(a), attributes(b)},
		{Time, a.ModTime.UTC().Format(time.RFC3339Nano), b.ModTime.UTC().Format(time.RFC3339Nano)},
	} {
		if c.before != c.after {
			d.Kind, d.Before, d.After = c.kind, c.before, c.after
			return d, true
		}
	}
	return d, false
}

func (r record) describe() string {
	switch {
	case r.Opaque:
		return "the removal of all that was in it"
	case r.Whiteout:
		return "a removal"
	case r.HardLink:
		return "a hard link"
	case r.Mode.IsRegular():
		return "a file"
	case r.Mode.IsDir():
		return "a folder"
	case r.Link != "":
		return "a link"
	default:
		return "a device or pipe"
	}
}

func (r record) bytes() string { return fmt.Sprintf("%d bytes with SHA-256 %.12s…", r.Size, r.sum) }

func attributes(r record) string {
	var text string
	for _, name := range slices.Sorted(maps.Keys(r.XAttrs)) {
		text += fmt.Sprintf("%s=%q ", name, r.XAttrs[name])
	}
	return text
}
