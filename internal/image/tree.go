package image

import (
	"cmp"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// maxLinks is how many symbolic links one path may lead through, as in Linux's path_resolution(7).
const maxLinks = 40

// Tree is the final root file system of an image: what a container sees before it writes anything.
type Tree struct {
	root     *node
	entries  []Entry
	unpacked int64
	spool    *spool
}

type node struct {
	entry    Entry
	children map[string]*node
	content  *content
}

// content is what hard links to one file share.
type content struct {
	offset, size int64
	counted      bool
}

func readTree(img *image) (*Tree, error) {
	t := &Tree{root: &node{entry: Entry{Path: "/", Mode: fs.ModeDir | 0o755}}, spool: img.spool}
	for _, l := range img.layers {
		// A layer's whiteouts hide what lower layers have, wherever in the layer they stand: they go first.
		var added []Entry
		contents := map[string]*content{}
		err := l.Walk(func(e Entry, data io.Reader) error {
			switch {
			case e.Opaque:
				t.clear(e.Path)
			case e.Whiteout:
				t.remove(e.Path)
			default:
				if e.Mode.IsRegular() && !e.HardLink {
					offset, err := t.spool.add(data)
					if err != nil {
						return err
					}
					contents[e.Path] = &content{offset: offset, size: e.Size}
				}
				added = append(added, e)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		for _, e := range added {
			if err := t.add(e, contents[e.Path]); err != nil {
				return nil, fmt.Errorf("layer %s: %w", l.Digest(), err)
			}
		}
	}
	t.collect(t.root)
	slices.SortFunc(t.entries, func(a, b Entry) int { return cmp.Compare(a.Path, b.Path) })
	return t, nil
}

// at is the node of a path, links not followed; nil when there is none.
func (t *Tree) at(p string) *node {
	n := t.root
	for name := range strings.SplitSeq(strings.Trim(p, "/"), "/") {
		if name == "" {
			continue
		}
		if n = n.children[name]; n == nil {
			return nil
		}
	}
	return n
}

func (t *Tree) clear(p string) {
	if n := t.at(p); n != nil {
		n.children = nil
	}
}

func (t *Tree) remove(p string) {
	if parent := t.at(path.Dir(p)); parent != nil {
		delete(parent.children, path.Base(p))
	}
}

func (t *Tree) add(e Entry, c *content) error {
	if e.Path == "/" {
		t.root.entry = e
		return nil
	}
	if e.HardLink {
		target := t.at(e.Link)
		if target == nil || target.content == nil {
			return fmt.Errorf("%s is a hard link to %s, which is not a file of the image", e.Path, e.Link)
		}
		c, e.Size = target.content, target.entry.Size
	}
	parent := t.parent(e)
	// Where a directory on the way was a link, the entry is where that link leads, as in every unpacker.
	e.Path = path.Join(parent.entry.Path, path.Base(e.Path))
	n := &node{entry: e, content: c}
	if old := parent.children[path.Base(e.Path)]; old != nil && old.entry.Mode.IsDir() && e.Mode.IsDir() {
		n.children = old.children
	}
	parent.put(path.Base(e.Path), n)
	return nil
}

// parent is the directory that e goes into, made where it does not exist: no layer needs to list it, and unpackers make
// it root's and 0755.
func (t *Tree) parent(e Entry) *node {
	parent := t.root
	for name := range strings.SplitSeq(strings.Trim(path.Dir(e.Path), "/"), "/") {
		if name == "" {
			continue
		}
		where := path.Join(parent.entry.Path, name)
		next := parent.children[name]
		if next != nil && next.entry.Mode&fs.ModeSymlink != 0 {
			next, _ = t.resolve(where)
		}
		if next == nil || !next.entry.Mode.IsDir() {
			next = &node{entry: Entry{Path: where, Mode: fs.ModeDir | 0o755, Layer: e.Layer}}
			parent.put(name, next)
		}
		parent = next
	}
	return parent
}

func (n *node) put(name string, child *node) {
	if n.children == nil {
		n.children = map[string]*node{}
	}
	n.children[name] = child
}

func (t *Tree) collect(n *node) {
	t.entries = append(t.entries, n.entry)
	if n.content != nil && !n.content.counted {
		n.content.counted = true
		t.unpacked += n.content.size
	}
	for _, child := range n.children {
		t.collect(child)
	}
}

// Entries are all entries, directories too, sorted by path.
func (t *Tree) Entries() []Entry { return t.entries }

// Lookup is the entry of a path; a link is returned, not followed.
func (t *Tree) Lookup(p string) (Entry, bool) {
	n := t.at(path.Clean("/" + p))
	if n == nil {
		return Entry{}, false
	}
	return n.entry, true
}

// Resolve is the entry that a path leads to, links followed inside the root file system. The error is fs.ErrNotExist,
// wrapped, when it leads nowhere.
func (t *Tree) Resolve(p string) (Entry, error) {
	n, err := t.resolve(p)
	if err != nil {
		return Entry{}, err
	}
	return n.entry, nil
}

func (t *Tree) resolve(p string) (*node, error) {
	todo := strings.Split(strings.Trim(path.Clean("/"+p), "/"), "/")
	n, links := t.root, 0
	for len(todo) > 0 {
		name := todo[0]
		todo = todo[1:]
		switch name {
		case "", ".":
			continue
		case "..":
			n = t.at(path.Dir(n.entry.Path))
			continue
		}
		child := n.children[name]
		if child == nil {
			return nil, &fs.PathError{Op: "resolve", Path: p, Err: fs.ErrNotExist}
		}
		if child.entry.Mode&fs.ModeSymlink == 0 {
			n = child
			continue
		}
		if links++; links > maxLinks {
			return nil, &fs.PathError{Op: "resolve", Path: p, Err: fmt.Errorf("more than %d symbolic links", maxLinks)}
		}
		if path.IsAbs(child.entry.Link) {
			n = t.root
		}
		todo = append(strings.Split(strings.Trim(child.entry.Link, "/"), "/"), todo...)
	}
	return n, nil
}

// Open reads the regular file that a path leads to, links followed.
func (t *Tree) Open(p string) (*io.SectionReader, error) {
	n, err := t.resolve(p)
	if err != nil {
		return nil, err
	}
	if n.content == nil {
		return nil, &fs.PathError{Op: "open", Path: p, Err: fs.ErrInvalid}
	}
	return t.spool.section(n.content.offset, n.content.size), nil
}
