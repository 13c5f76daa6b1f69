package imagediff

import (
	"cmp"
	"fmt"
)

// Kind is what differs.
type Kind string

// The kinds, in the order in which a difference in several is reported.
const (
	Platforms Kind = "platforms" // an image is there once only
	Config    Kind = "config"    // a field of the configuration
	Layers    Kind = "layers"    // their number
	Missing   Kind = "missing"   // an entry is there once only
	Type      Kind = "type"      // a file, a folder, a link, a hard link, a removal
	Bytes     Kind = "bytes"
	Mode      Kind = "mode"
	Owner     Kind = "owner"
	Time      Kind = "time"
	Link      Kind = "link"
	Attribute Kind = "attribute" // an extended one
	Order     Kind = "order"     // the same entries in another order
	Stream    Kind = "stream"    // the tar stream in what is no property of a file
	Packing   Kind = "packing"   // the compression alone
	Manifest  Kind = "manifest"  // annotations and media types
)

// Difference is the first thing in which two images of one platform differ.
type Difference struct {
	Platform string
	Kind     Kind
	Layer    int    // from 1, the lowest first; 0 when it is not in a layer
	Layers   int    // how many there are
	Path     string // in the image; or a field, such as config.Env[1]
	Before   string // in the first build
	After    string // in the second
	More     int    // other entries of the layer that differ as well
}

// String is the difference in one line.
func (d Difference) String() string {
	where := d.Platform
	if d.Layer > 0 {
		where += fmt.Sprintf(": layer %d of %d", d.Layer, d.Layers)
	}
	if d.Path != "" {
		where += ": " + d.Path
	}
	more := ""
	if d.More > 0 {
		more = fmt.Sprintf("; so do %d other entries of this layer", d.More)
	}
	return fmt.Sprintf("%s: %s: %s%s; %s", where, d.what(), between(d.Before, d.After), more, d.hint())
}

func between(before, after string) string {
	return fmt.Sprintf("%s in one build, %s in the other", cmp.Or(before, "nothing"), cmp.Or(after, "nothing"))
}

// what says what differs, to people who never compared two images.
func (d Difference) what() string {
	switch d.Kind {
	case Platforms:
		return "built once only"
	case Config:
		return "the image's configuration differs"
	case Layers:
		return "the number of layers differs"
	case Missing:
		return "this entry is there once only"
	case Order:
		return "the same entries are in another order"
	case Stream:
		return "all entries are the same, the archive around them differs"
	case Packing:
		return "the same content is compressed differently"
	case Bytes:
		return "its bytes differ"
	default:
		return "its " + string(d.Kind) + " differs"
	}
}

// hint says where to look first.
func (d Difference) hint() string {
	switch d.Kind {
	case Bytes, Missing, Type, Link:
		return "look for a time, a random number, a path of the build or an unsorted list in the step that writes it"
	case Time:
		return "end that step with: find /rootfs -exec touch -hd @$SOURCE_DATE_EPOCH {} +"
	case Mode, Owner, Attribute:
		return "set it in the step that writes it"
	case Config, Manifest:
		return "give SOURCE_DATE_EPOCH to both builds, and no label or variable that changes"
	case Order, Stream, Packing:
		return "build both with the same BuildKit and the same settings of compression"
	default:
		return "build both for the same platforms from the same sources"
	}
}
