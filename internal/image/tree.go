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
	first        *node // the one of its names that is not called a hard link
}

func readTree(img *image) (*Tree, error) {
	t := &Tree{root: &node{entry: Entry{Path: "/", Mode: fs.ModeDir | 0o755}}, spool: img.spool}
	for _, l := range img.layers {
		// A layer's whiteouts hide what lower layers have, wherever in the layer they stand: they go first.
		type addition struct {
			Entry
			content *content
		}
		var added []addition
		err := l.Walk(func(e Entry, data io.Reader) error {
			switch {
			case e.Opaque:
				t.clear(e.Path)
			case e.Whiteout:
				t.remove(e.Path)
			default:
				a := addition{Entry: e}
				if e.Mode.IsRegular() {
					offset, err := t.spool.add(data)
					if err != nil {
						return err
					}
					a.content = &content{offset: offset, size: e.Size}
				}
				added = append(added, a)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		for _, a := range added {
			if err := t.add(a.Entry, a.content); err != nil {
				return nil, fmt.Errorf("layer %s: %w", l.Digest(), err)
			}
		}
	}
	t.collect()
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

// clear removes what is in a folder, which may be reached through links, as every unpacker does.
func (t *Tree) clear(p string) {
	if n, err := t.resolve(p); err == nil {
		n.children = nil
	}
}

func (t *Tree) remove(p string) {
	if parent, err := t.resolve(path.Dir(p)); err == nil {
		delete(parent.children, path.Base(p))
	}
}

func (t *Tree) add(e Entry, c *content) error {
	if e.Path == "/" {
		t.root.entry = e
		return nil
	}
	if e.HardLink {
		var err error
		if e, c, err = t.linked(e); err != nil {
			return err
		}
	}
	parent := t.parent(e)
	// Where a directory on the way was a link, the entry is where that link leads, as in every unpacker.
	e.Path = path.Join(parent.entry.Path, path.Base(e.Path))
	n := &node{entry: e, content: c}
	if old := parent.children[path.Base(e.Path)]; old != nil && e.Mode.IsDir() {
		n.children = old.children
	}
	parent.put(path.Base(e.Path), n)
	return nil
}

// linked is a hard link as the file that it becomes, and the content that it shares.
func (t *Tree) linked(e Entry) (Entry, *content, error) {
	target := t.target(e.Link)
	if target == nil || target.entry.Mode.IsDir() {
		return Entry{}, nil, fmt.Errorf("%s is a hard link to %s, which is not a file of the image", e.Path, e.Link)
	}
	if target.content == nil { // a symbolic link or a device has no bytes to share: it is there twice
		again := target.entry
		again.Path, again.Layer = e.Path, e.Layer
		return again, nil, nil
	}
	e.Size = target.entry.Size
	if e.XAttrs == nil { // names of one file share them, and a tar need not repeat them
		e.XAttrs = target.entry.XAttrs
	}
	return e, target.content, nil
}

// target is what a hard link names: links on the way to it are followed, and it may be one itself, as in link(2).
func (t *Tree) target(p string) *node {
	folder, err := t.resolve(path.Dir(p))
	if err != nil {
		return nil
	}
	return folder.children[path.Base(p)]
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

// collect makes the list of entries. The name that others are hard links to may have been removed or replaced by a later
// layer: then the first of those that are left takes its place.
func (t *Tree) collect() {
	nodes := t.root.all(nil)
	slices.SortFunc(nodes, func(a, b *node) int { return cmp.Compare(a.entry.Path, b.entry.Path) })
	for _, n := range nodes {
		if c := n.content; c != nil && (c.first == nil || !n.entry.HardLink) {
			c.first = n
		}
	}
	for _, n := range nodes {
		switch c := n.content; {
		case c == nil:
		case c.first == n:
			n.entry.HardLink, n.entry.Link = false, ""
			t.unpacked += c.size
		default:
			n.entry.HardLink, n.entry.Link = true, c.first.entry.Path
		}
		t.entries = append(t.entries, n.entry)
	}
}

// all appends a node and those below it.
func (n *node) all(list []*node) []*node {
	list = append(list, n)
	for _, child := range n.children {
		list = child.all(list)
	}
	return list
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

// Folders are the folders that a path leads through, links followed: a process that opens it must be able to search each.
func (t *Tree) Folders(p string) []Entry {
	var all []Entry
	_, _ = t.follow(p, func(folder *node) { all = append(all, folder.entry) })
	return all
}

func (t *Tree) resolve(p string) (*node, error) { return t.follow(p, func(*node) {}) }

// follow is the node that a path leads to; search is called for each node in which a name is looked up.
func (t *Tree) follow(p string, search func(folder *node)) (*node, error) {
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
		search(n)
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
