// Package image reads container images: platforms, layers, files, bytes. It never starts a container and never writes to
// an image.
package image

import (
	"io"
	"io/fs"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Index is one image for all of its platforms.
type Index interface {
	// Digest is the digest of the index.
	Digest() v1.Hash
	// Annotations are the index's own.
	Annotations() map[string]string
	// Images are its images for Linux, each once, in the order of the index; those of indexes inside it too. Attestations are
	// not images.
	Images() []Image
	// LeftOut are the platforms of its images for other systems, which nothing here can read.
	LeftOut() []string
	// Close frees what reading files took.
	io.Closer
}

// Image is an image of one platform.
type Image interface {
	// Platform is os/arch or os/arch/variant, such as linux/arm64.
	Platform() string
	// Digest is the digest of its manifest.
	Digest() v1.Hash
	// Config is its configuration.
	Config() *v1.ConfigFile
	// Manifest is its manifest.
	Manifest() *v1.Manifest
	// Layers are its layers, the lowest first.
	Layers() []Layer
	// Files is the final root file system, whiteouts applied. It is read once, at the first call, and safe for
	// concurrent use.
	Files() (*Tree, error)
	// Size is the size of the image.
	Size() (Size, error)
	// Close frees what reading files took; they cannot be opened any more.
	io.Closer
}

// Layer is one layer of an image.
type Layer interface {
	// Digest is the digest of the compressed layer.
	Digest() v1.Hash
	// DiffID is the digest of its tar stream.
	DiffID() v1.Hash
	// CompressedSize is in bytes.
	CompressedSize() int64
	// Walk calls visit for each entry in the layer's order. Content is a regular file's and is valid during the call.
	Walk(visit func(e Entry, content io.Reader) error) error
}

// Entry is one entry of a layer's tar stream.
type Entry struct {
	Path     string // clean, absolute, with forward slashes: /usr/bin/node
	Mode     fs.FileMode
	UID, GID int
	Size     int64 // bytes; 0 unless a regular file
	ModTime  time.Time
	Link     string            // target of a symbolic or hard link; a hard link's is a Path
	HardLink bool              // another name of the file Link, which in a Tree is always there and no hard link itself
	Whiteout bool              // the layer removes Path
	Opaque   bool              // the layer hides what lower layers have below Path
	XAttrs   map[string]string // such as security.capability
	Layer    int               // index of the layer that it comes from, the lowest 0
}

// Size is the size of an image of one platform, in bytes.
type Size struct {
	Unpacked int64 // all files of the final root file system, a hard-linked file once
	Pull     int64 // compressed layers, config and manifest: what a registry sends to a machine that has nothing yet
}
