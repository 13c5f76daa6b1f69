package secretscan

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// Folder searches a folder of blobs: an OCI layout, or a build cache that was exported with type=local. It looks at every
// file there is, referenced or not, whatever its media type claims. kind is put in front of what it finds: "build cache".
func (s *Search) Folder(dir, kind string) ([]Finding, error) {
	parts, err := readParts(dir)
	if err != nil {
		return nil, fmt.Errorf("search %s: %w", dir, err)
	}
	var found []Finding
	err = filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		rel, err := filepath.Rel(dir, name)
		if err != nil {
			return err
		}
		part, digest := filepath.ToSlash(rel), ""
		if algorithm, hex, ok := strings.Cut(strings.TrimPrefix(part, "blobs/"), "/"); ok && strings.HasPrefix(part, "blobs/") {
			digest = algorithm + ":" + hex
			if part = parts[digest]; part == "" {
				part = "a blob that nothing refers to"
			}
		}
		if _, known := s.clean.Load(digest); known && digest != "" {
			return nil
		}
		more, err := s.file(name, strings.TrimPrefix(kind+": "+part, ": "), digest)
		if found = append(found, more...); err == nil && len(more) == 0 {
			s.clean.Store(digest, true)
		}
		return err
	})
	return distinct(found), err
}

// file searches one file for what it is: compressed or not, a tar stream or anything else.
func (s *Search) file(name, part, digest string) (found []Finding, err error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	stored := bufio.NewReaderSize(file, 1<<16)
	content, finish, err := uncompressed(stored)
	if err != nil {
		return nil, fmt.Errorf("search %s (%s): %w", part, digest, err)
	}
	defer finish()
	head, err := content.Peek(512)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("search %s (%s): %w", part, digest, err)
	}
	switch {
	case len(head) == 512 && bytes.Equal(head[257:262], []byte("ustar")):
		return s.tar(content, part, digest)
	case len(head) == 512 && bytes.Count(head, []byte{0}) == 512: // an empty layer
		return s.tar(content, part, digest)
	case bytes.HasPrefix(head, []byte("{")):
		data, err := io.ReadAll(content)
		if err != nil {
			return nil, fmt.Errorf("search %s (%s): %w", part, digest, err)
		}
		return s.json(data, part, digest), nil
	}
	scan := &stream{automaton: s.automaton, found: func(n int, _ int64) { found = append(found, s.finding(n, part, digest, "")) }}
	if _, err := io.Copy(scan, content); err != nil {
		return nil, fmt.Errorf("search %s (%s): %w", part, digest, err)
	}
	return found, nil
}

// uncompressed is what a reader holds when its compression, if any, is undone.
func uncompressed(stored *bufio.Reader) (content *bufio.Reader, finish func(), err error) {
	magic, err := stored.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, err
	}
	switch {
	case bytes.HasPrefix(magic, []byte("\x1f\x8b")):
		unpacked, err := gzip.NewReader(stored)
		if err != nil {
			return nil, nil, err
		}
		return bufio.NewReaderSize(unpacked, 1<<16), func() { unpacked.Close() }, nil
	case bytes.Equal(magic, []byte("\x28\xb5\x2f\xfd")):
		unpacked, err := zstd.NewReader(stored, zstd.WithDecoderConcurrency(1))
		if err != nil {
			return nil, nil, err
		}
		return bufio.NewReaderSize(unpacked, 1<<16), unpacked.Close, nil
	}
	return stored, func() {}, nil
}
