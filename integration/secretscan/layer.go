package secretscan

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"slices"
)

// match is a pattern found in a tar stream, before it is known in which entry.
type match struct {
	pattern int
	end     int64
}

// tar searches a tar stream: not only contents but every byte of it, so names, link targets, extended attributes, deleted
// files and padding too. part and digest are what it is, for the report.
func (s *Search) tar(r io.Reader, part, digest string) ([]Finding, error) {
	var found []Finding
	var pending []match
	scan := &stream{automaton: s.automaton, found: func(n int, end int64) { pending = append(pending, match{n, end}) }}
	all := io.TeeReader(r, scan)
	entries := tar.NewReader(all)
	var entry *tar.Header
	var start, end int64 // of the entry's content, its padding included
	// settle gives what was found up to an offset to the entry that was read.
	settle := func(upTo int64) {
		pending = slices.DeleteFunc(pending, func(m match) bool {
			if m.end > upTo {
				return false
			}
			place := ""
			if entry != nil {
				place = entry.Name
				if m.end <= start {
					place = s.inHeader(entry, m.pattern)
				}
			}
			found = append(found, s.finding(m.pattern, part, digest, place))
			return true
		})
	}
	for {
		header, err := entries.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("search %s (%s): %w", part, digest, err)
		}
		settle(end)
		entry, start = header, scan.read
		end = start + (header.Size+511)/512*512
		if header.Typeflag != tar.TypeReg {
			end = start
		}
		settle(start)
	}
	settle(end)
	if _, err := io.Copy(io.Discard, all); err != nil { // what is behind the end is in the layer too
		return nil, fmt.Errorf("search %s (%s): %w", part, digest, err)
	}
	entry = &tar.Header{Name: "behind the last entry"}
	settle(scan.read)
	return found, nil
}

// inHeader says in which part of an entry's header a pattern is.
func (s *Search) inHeader(h *tar.Header, pattern int) string {
	has := func(texts ...string) bool { return slices.Contains(s.text(texts...), pattern) }
	switch {
	case has(h.Name):
		return "the name of " + h.Name
	case has(h.Linkname):
		return "the link of " + h.Name
	}
	for key, value := range h.PAXRecords {
		if has(key, value) {
			return "the attribute " + key + " of " + h.Name
		}
	}
	return "the header of " + h.Name
}
