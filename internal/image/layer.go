package image

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Names by which a layer removes what lower layers have.
// Source: https://github.com/opencontainers/image-spec/blob/main/layer.md#whiteouts
const (
	whiteoutPrefix = ".wh."
	whiteoutOpaque = ".wh..wh..opq"
)

// xattrPrefix is how a tar stream names an extended attribute. Source: pax(1) as GNU tar and Docker write it.
const xattrPrefix = "SCHILY.xattr."

type layer struct {
	v1.Layer
	index  int
	digest v1.Hash
	diffID v1.Hash
	size   int64
}

func (l *layer) Digest() v1.Hash       { return l.digest }
func (l *layer) DiffID() v1.Hash       { return l.diffID }
func (l *layer) CompressedSize() int64 { return l.size }

func (l *layer) Walk(visit func(e Entry, content io.Reader) error) (err error) {
	stream, err := l.verifiedStream()
	if err != nil {
		return fmt.Errorf("uncompress layer %s: %w", l.digest, err)
	}
	defer func() { err = errors.Join(err, stream.Close()) }()
	entries := tar.NewReader(stream)
	for {
		header, err := entries.Next()
		if errors.Is(err, io.EOF) {
			return stream.verify()
		}
		if err != nil {
			return fmt.Errorf("read layer %s: %w", l.digest, err)
		}
		if e, ok := l.entry(header); ok {
			if err := visit(e, entries); err != nil {
				return err
			}
		}
	}
}

// entry is header as an Entry; false for what is not a file system entry.
func (l *layer) entry(header *tar.Header) (Entry, bool) {
	e := Entry{
		Path:    path.Join("/", header.Name),
		Mode:    header.FileInfo().Mode(),
		UID:     header.Uid,
		GID:     header.Gid,
		ModTime: header.ModTime,
		Layer:   l.index,
	}
	switch header.Typeflag {
	case tar.TypeReg:
		e.Size = header.Size
	case tar.TypeSymlink:
		e.Link = header.Linkname
	case tar.TypeLink:
		e.Link = path.Join("/", header.Linkname)
		e.HardLink = true
		e.Mode &^= fs.ModeType
	case tar.TypeDir, tar.TypeChar, tar.TypeBlock, tar.TypeFifo:
	default:
		return Entry{}, false
	}
	for key, value := range header.PAXRecords {
		if name, ok := strings.CutPrefix(key, xattrPrefix); ok {
			if e.XAttrs == nil {
				e.XAttrs = map[string]string{}
			}
			e.XAttrs[name] = value
		}
	}
	dir, base := path.Split(e.Path)
	switch {
	case base == whiteoutOpaque:
		e.Path, e.Opaque = path.Clean(dir), true
	case strings.HasPrefix(base, whiteoutPrefix):
		e.Path, e.Whiteout = path.Join(dir, strings.TrimPrefix(base, whiteoutPrefix)), true
	}
	return e, true
}
