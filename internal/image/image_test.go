package image_test

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"example.com/stagecraft/internal/image"
	"example.com/stagecraft/internal/image/imagetest"
)

// filesOf is the tree of an image made of layers.
func filesOf(t *testing.T, layers ...v1.Layer) (*image.Tree, error) {
	t.Helper()
	idx, err := image.FromImage(imageOf(t, "amd64", layers...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = idx.Close() })
	return idx.Images()[0].Files()
}

// Short names for the tables below.
var (
	layerOf  = imagetest.Layer
	reg      = imagetest.File
	dir      = imagetest.Dir
	symlink  = imagetest.Symlink
	hardlink = imagetest.Hardlink
)

func imageOf(t *testing.T, arch string, layers ...v1.Layer) v1.Image {
	t.Helper()
	return imagetest.Image(t, arch, v1.Config{}, layers...)
}

func TestFiles(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		layers [][]imagetest.Entry
		want   string // paths of what is not a directory
		bytes  string // content of /f, where there is one
		size   int64
	}{
		"a file":                               {[][]imagetest.Entry{{reg("./f", "one")}}, "/f", "one", 3},
		"a later layer wins":                   {[][]imagetest.Entry{{reg("f", "one")}, {reg("f", "three")}}, "/f", "three", 5},
		"a whiteout removes":                   {[][]imagetest.Entry{{reg("d/a", "1"), reg("f", "1")}, {reg("d/.wh.a", "")}}, "/f", "1", 1},
		"a whiteout removes a folder":          {[][]imagetest.Entry{{reg("d/e/a", "1"), reg("f", "1")}, {reg(".wh.d", "")}}, "/f", "1", 1},
		"a whiteout spares its own layer":      {[][]imagetest.Entry{{reg("f", "1")}, {reg("f", "22"), reg(".wh.f", "")}}, "/f", "22", 2},
		"an opaque folder":                     {[][]imagetest.Entry{{reg("d/a", "1"), reg("d/b", "1")}, {reg("d/c", "1"), reg("d/.wh..wh..opq", "")}}, "/d/c", "", 1},
		"a whiteout behind a linked folder":    {[][]imagetest.Entry{{reg("usr/lib/a", "1"), reg("f", "1"), symlink("lib", "usr/lib")}, {reg("lib/.wh.a", "")}}, "/f /lib", "1", 1},
		"an opaque folder behind a link":       {[][]imagetest.Entry{{reg("usr/lib/a", "1"), reg("f", "1"), symlink("lib", "usr/lib")}, {reg("lib/.wh..wh..opq", "")}}, "/f /lib", "1", 1},
		"a whiteout of a link":                 {[][]imagetest.Entry{{reg("usr/lib/a", "1"), symlink("lib", "usr/lib")}, {reg(".wh.lib", "")}}, "/usr/lib/a", "", 1},
		"one name twice in a layer":            {[][]imagetest.Entry{{reg("f", "one"), hardlink("g", "f"), reg("f", "three")}}, "/f /g", "three", 8},
		"one name twice, the first is linked":  {[][]imagetest.Entry{{reg("g", "one"), hardlink("f", "g"), reg("g", "three")}}, "/f /g", "one", 8},
		"one name, a file and then a link":     {[][]imagetest.Entry{{reg("g", "one"), reg("f", "three"), symlink("f", "g")}}, "/f /g", "one", 3},
		"a hard link counts once":              {[][]imagetest.Entry{{reg("f", "12345"), hardlink("g", "f")}}, "/f /g", "12345", 5},
		"a hard link outlives its first name":  {[][]imagetest.Entry{{reg("g", "12345"), hardlink("f", "g")}, {reg(".wh.g", "")}}, "/f", "12345", 5},
		"a symbolic link has no bytes":         {[][]imagetest.Entry{{reg("f", "1"), symlink("g", "f")}}, "/f /g", "1", 1},
		"a folder replaces a file":             {[][]imagetest.Entry{{reg("f", "1")}, {reg("f/x", "22")}}, "/f/x", "", 2},
		"a file replaces a folder":             {[][]imagetest.Entry{{reg("f/x", "1")}, {reg("f", "22")}}, "/f", "22", 2},
		"a folder again keeps what it has":     {[][]imagetest.Entry{{dir("d"), reg("d/a", "1")}, {dir("d")}}, "/d/a", "", 1},
		"a hard link to a symbolic link":       {[][]imagetest.Entry{{reg("f", "1"), symlink("g", "f"), hardlink("h", "g")}}, "/f /g /h", "1", 1},
		"a hard link below a linked folder":    {[][]imagetest.Entry{{reg("usr/lib/a", "1"), symlink("lib", "usr/lib")}, {hardlink("lib/b", "lib/a")}}, "/lib /usr/lib/a /usr/lib/b", "", 1},
		"a hard link to a replaced file":       {[][]imagetest.Entry{{reg("a", "1"), hardlink("f", "a")}, {reg("a", "22")}}, "/a /f", "1", 3},
		"a hard link of a folder's mode":       {[][]imagetest.Entry{{reg("f", "1"), hardlink("g", "f").With(func(h *tar.Header) { h.Mode |= 0o40000 })}}, "/f /g", "1", 1},
		"a folder that is a link in the image": {[][]imagetest.Entry{{dir("usr/lib"), symlink("lib", "usr/lib")}, {reg("lib/a", "1")}}, "/lib /usr/lib/a", "", 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var layers []v1.Layer
			for _, headers := range tt.layers {
				layers = append(layers, layerOf(t, headers...))
			}
			idx, err := image.FromImage(imageOf(t, "amd64", layers...))
			if err != nil {
				t.Fatal(err)
			}
			defer idx.Close()
			tree, err := idx.Images()[0].Files()
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, e := range tree.Entries() {
				if !e.Mode.IsDir() {
					got = append(got, e.Path)
				}
			}
			if s := strings.Join(got, " "); s != tt.want {
				t.Errorf("files are %q, want %q", s, tt.want)
			}
			if size, err := idx.Images()[0].Size(); err != nil || size.Unpacked != tt.size {
				t.Errorf("unpacked is %d, %v, want %d", size.Unpacked, err, tt.size)
			}
			if tt.bytes != "" {
				r, err := tree.Open("/f")
				if err != nil {
					t.Fatal(err)
				}
				if b, err := io.ReadAll(r); err != nil || string(b) != tt.bytes {
					t.Errorf("/f holds %q, %v, want %q", b, err, tt.bytes)
				}
			}
		})
	}
}

func TestFilesRejectsDanglingHardLink(t *testing.T) {
	t.Parallel()
	_, err := filesOf(t, layerOf(t, hardlink("g", "f")))
	if err == nil || !strings.Contains(err.Error(), "/g is a hard link to /f, which is not a file of the image") {
		t.Errorf("error is %v", err)
	}
}

// Of the names of a file exactly one is no hard link, and the others name it, whatever later layers removed.
func TestHardLinksNameAFileThatIsThere(t *testing.T) {
	t.Parallel()
	capable := func(h *tar.Header) { h.PAXRecords = map[string]string{"SCHILY.xattr.security.capability": "x"} }
	tree, err := filesOf(
		t,
		layerOf(t, reg("gone", "123").With(capable), hardlink("c", "gone"), hardlink("b", "gone"), reg("z", "1"), hardlink("a", "z"), symlink("s", "z"), hardlink("t", "s"),
			imagetest.Entry{Header: tar.Header{Typeflag: tar.TypeFifo, Name: "p"}}, hardlink("q", "p")),
		layerOf(t, reg(".wh.gone", ""), hardlink("d", "c")),
	)
	if err != nil {
		t.Fatal(err)
	}
	for p, want := range map[string]struct {
		link string
		hard bool
		size int64
		mode fs.FileMode
	}{
		"/b": {"", false, 3, 0}, "/c": {"/b", true, 3, 0}, "/d": {"/b", true, 3, 0}, "/z": {"", false, 1, 0}, "/a": {"/z", true, 1, 0},
		"/s": {"z", false, 0, fs.ModeSymlink}, "/t": {"z", false, 0, fs.ModeSymlink}, "/p": {"", false, 0, fs.ModeNamedPipe}, "/q": {"", false, 0, fs.ModeNamedPipe},
	} {
		e, ok := tree.Lookup(p)
		if !ok || e.Path != p || e.Link != want.link || e.HardLink != want.hard || e.Size != want.size || e.Mode.Type() != want.mode {
			t.Errorf("%s is %+v, %v, want %+v", p, e, ok, want)
		}
	}
	if e, _ := tree.Lookup("/b"); e.XAttrs["security.capability"] != "x" {
		t.Errorf("/b has lost the capabilities of its file: %+v", e)
	}
}

func TestResolve(t *testing.T) {
	t.Parallel()
	tree, err := filesOf(t, layerOf(t,
		reg("usr/lib/libc.so.6", "elf"), symlink("lib", "usr/lib"), symlink("usr/lib/libc.so", "libc.so.6"),
		symlink("up", "../../lib/libc.so"), symlink("abs", "/lib/libc.so"), symlink("loop", "loop"), symlink("gone", "/nowhere"),
		symlink("usr/lib/root", "/lib"), symlink("usr/lib/sibling", "../share/f"), reg("usr/share/f", "1")))
	if err != nil {
		t.Fatal(err)
	}
	for p, want := range map[string]string{
		"/lib/libc.so.6":      "/usr/lib/libc.so.6",
		"/lib/libc.so":        "/usr/lib/libc.so.6",
		"up":                  "/usr/lib/libc.so.6",
		"/abs":                "/usr/lib/libc.so.6",
		"/usr/../lib":         "/usr/lib",
		"/usr/lib/root":       "/usr/lib",
		"/usr/lib/sibling":    "/usr/share/f",
		"/":                   "/",
		"/loop":               "",
		"/gone":               "",
		"/lib/libc.so.6/deep": "",
	} {
		e, err := tree.Resolve(p)
		if e.Path != want || (err == nil) != (want != "") {
			t.Errorf("Resolve(%s) = %q, %v, want %q", p, e.Path, err, want)
		}
	}
	var folders []string
	for _, e := range tree.Folders("/up") {
		folders = append(folders, e.Path)
	}
	if got := strings.Join(folders, " "); got != "/ / / /usr /usr/lib /usr/lib" {
		t.Errorf("/up leads through %s", got)
	}
	if _, err := tree.Resolve("/gone"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a dangling link is %v, want fs.ErrNotExist", err)
	}
	if e, ok := tree.Lookup("/abs"); !ok || e.Link != "/lib/libc.so" {
		t.Errorf("Lookup follows: %v, %v", e, ok)
	}
	if _, err := tree.Open("/usr"); err == nil {
		t.Error("a folder can be opened as a file")
	}
}

func TestOpen(t *testing.T) {
	t.Parallel()
	attested := mutate.AppendManifests(mutate.IndexMediaType(empty.Index, types.OCIImageIndex),
		mutate.IndexAddendum{Add: imageOf(t, "amd64", layerOf(t, reg("f", "12345")))},
		mutate.IndexAddendum{Add: imageOf(t, "arm64", layerOf(t, reg("f", "123")))},
		mutate.IndexAddendum{
			Add:        imageOf(t, "unknown", layerOf(t, reg("sbom", "{}"))),
			Descriptor: v1.Descriptor{Annotations: map[string]string{"vnd.docker.reference.type": "attestation-manifest"}},
		})
	folder := t.TempDir()
	if _, err := layout.Write(folder, mutate.AppendManifests(empty.Index, mutate.IndexAddendum{Add: attested})); err != nil {
		t.Fatal(err)
	}
	idx, err := image.Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	defer idx.Close()
	if want, _ := attested.Digest(); idx.Digest() != want {
		t.Errorf("digest is %s, want the nested index's, %s", idx.Digest(), want)
	}
	var got []string
	for _, i := range idx.Images() {
		got = append(got, i.Platform())
		size, err := i.Size()
		if err != nil {
			t.Fatal(err)
		}
		manifest := i.Manifest()
		blob, err := os.Stat(filepath.Join(folder, "blobs/sha256", i.Digest().Hex))
		if err != nil {
			t.Fatal(err)
		}
		if want := blob.Size() + manifest.Config.Size + manifest.Layers[0].Size; size.Pull != want {
			t.Errorf("%s: pull is %d, want %d", i.Platform(), size.Pull, want)
		}
	}
	if s := strings.Join(got, " "); s != "linux/amd64 linux/arm64" {
		t.Errorf("platforms are %q", s)
	}
}

// Linux follows 40 links, and fails at the next one.
func TestResolveFollowsAsManyLinksAsLinux(t *testing.T) {
	t.Parallel()
	entries := []imagetest.Entry{reg("0", "end")}
	for n := 1; n <= 41; n++ {
		entries = append(entries, symlink(fmt.Sprint(n), fmt.Sprint(n-1)))
	}
	tree, err := filesOf(t, layerOf(t, entries...))
	if err != nil {
		t.Fatal(err)
	}
	if e, err := tree.Resolve("/40"); err != nil || e.Path != "/0" {
		t.Errorf("40 links lead to %q, %v", e.Path, err)
	}
	if _, err := tree.Resolve("/41"); err == nil || !strings.Contains(err.Error(), "more than 40 symbolic links") {
		t.Errorf("41 links: %v", err)
	}
}

// nested is an index of images, each with a platform in its descriptor.
func nested(t *testing.T, images ...v1.Image) v1.ImageIndex {
	t.Helper()
	idx := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, img := range images {
		config, err := img.ConfigFile()
		if err != nil {
			t.Fatal(err)
		}
		idx = mutate.AppendManifests(idx, mutate.IndexAddendum{Add: img, Descriptor: v1.Descriptor{Platform: config.Platform()}})
	}
	return idx
}

// remove takes the manifest of an image out of a layout.
func remove(t *testing.T, folder string, img v1.Image) {
	t.Helper()
	digest, err := img.Digest()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(folder, "blobs", digest.Algorithm, digest.Hex)); err != nil {
		t.Fatal(err)
	}
}

func platforms(idx image.Index) string {
	var all []string
	for _, i := range idx.Images() {
		all = append(all, i.Platform())
	}
	return strings.Join(all, " ")
}

// A layout of two tags, each for several platforms: one image is in both, and one is for Windows.
func TestOpenNested(t *testing.T) {
	t.Parallel()
	windows, err := mutate.ConfigFile(empty.Image, &v1.ConfigFile{OS: "windows", Architecture: "amd64", OSVersion: "10.0", RootFS: v1.RootFS{Type: "layers"}})
	if err != nil {
		t.Fatal(err)
	}
	amd64, arm64 := imageOf(t, "amd64", layerOf(t, reg("f", "1"))), imageOf(t, "arm64", layerOf(t, reg("f", "1")))
	old := imageOf(t, "arm64", layerOf(t, reg("f", "0")))
	folder := t.TempDir()
	if _, err := layout.Write(folder, mutate.AppendManifests(
		empty.Index, mutate.IndexAddendum{Add: nested(t, amd64, windows, arm64)}, mutate.IndexAddendum{Add: nested(t, amd64, old)},
	)); err != nil {
		t.Fatal(err)
	}
	remove(t, folder, windows) // what is left out is not read
	idx, err := image.Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	if got := platforms(idx); got != "linux/amd64 linux/arm64 linux/arm64" {
		t.Errorf("platforms are %q", got)
	}
	if got := strings.Join(idx.LeftOut(), " "); got != "windows/amd64:10.0" {
		t.Errorf("left out is %q", got)
	}
	remove(t, folder, old)
	if _, err := image.Open(folder); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an image is not there: %v", err)
	}
	partial, err := image.OpenPartial(folder)
	if err != nil {
		t.Fatal(err)
	}
	if got := platforms(partial); got != "linux/amd64 linux/arm64" {
		t.Errorf("platforms of what is there are %q", got)
	}
	for _, err := range []error{
		second(image.FromImage(windows)), second(image.FromIndex(nested(t, windows))),
		second(image.FromIndex(mutate.AppendManifests(empty.Index, mutate.IndexAddendum{Add: windows}))),
	} {
		if err == nil || !strings.Contains(err.Error(), "for Linux") {
			t.Errorf("an image for Windows: %v", err)
		}
	}
}

// A manifest for no system is an attestation, though nothing else says so.
func TestUnknownPlatform(t *testing.T) {
	t.Parallel()
	unknown, err := mutate.ConfigFile(empty.Image, &v1.ConfigFile{OS: "unknown", Architecture: "unknown", RootFS: v1.RootFS{Type: "layers"}})
	if err != nil {
		t.Fatal(err)
	}
	amd64 := imageOf(t, "amd64", layerOf(t, reg("f", "1")))
	for name, attested := range map[string]v1.ImageIndex{
		"in the descriptor":      nested(t, amd64, unknown),
		"in the config, no more": mutate.AppendManifests(empty.Index, mutate.IndexAddendum{Add: amd64}, mutate.IndexAddendum{Add: unknown}),
	} {
		idx, err := image.FromIndex(attested)
		if err != nil {
			t.Fatal(err)
		}
		if got := platforms(idx); got != "linux/amd64" || len(idx.LeftOut()) != 0 {
			t.Errorf("%s: platforms are %q, left out is %v", name, got, idx.LeftOut())
		}
	}
	if _, err := image.FromIndex(nested(t, unknown)); err == nil || !strings.Contains(err.Error(), "has no image") {
		t.Errorf("attestations alone: %v", err)
	}
}

// A tag whose index holds nothing is a fault of the layout, though others have images.
func TestEmptyInnerIndex(t *testing.T) {
	t.Parallel()
	inner := nested(t)
	full := nested(t, imageOf(t, "amd64", layerOf(t, reg("f", "1"))))
	_, err := image.FromIndex(mutate.AppendManifests(empty.Index, mutate.IndexAddendum{Add: full}, mutate.IndexAddendum{Add: inner}))
	if err == nil || !strings.Contains(err.Error(), "index "+digestOf(t, inner).String()+" has no image") {
		t.Errorf("error is %v", err)
	}
}

// An architecture that nobody knows is one all the same, and an index need not say what its images are for.
func TestOddPlatforms(t *testing.T) {
	t.Parallel()
	windows, err := mutate.ConfigFile(imageOf(t, "amd64", layerOf(t, reg("f", "1"))), &v1.ConfigFile{OS: "windows", Architecture: "amd64"})
	if err != nil {
		t.Fatal(err)
	}
	idx, err := image.FromIndex(mutate.AppendManifests(nested(t, imageOf(t, "unknown", layerOf(t, reg("f", "1")))), mutate.IndexAddendum{Add: windows}))
	if err != nil {
		t.Fatal(err)
	}
	if got, left := platforms(idx), strings.Join(idx.LeftOut(), " "); got != "linux/unknown" || left != "windows/amd64" {
		t.Errorf("platforms are %q, left out is %q", got, left)
	}
}

func second(_ image.Index, err error) error { return err }

func TestClose(t *testing.T) {
	t.Parallel()
	for name, closes := range map[string]func(image.Index) error{
		"index": image.Index.Close,
		"image": func(idx image.Index) error { return idx.Images()[0].Close() },
	} {
		idx, err := image.FromImage(imageOf(t, "amd64", layerOf(t, reg("f", "1"))))
		if err != nil {
			t.Fatal(err)
		}
		tree, err := idx.Images()[0].Files()
		if err != nil {
			t.Fatal(err)
		}
		if err := closes(idx); err != nil {
			t.Error(err)
		}
		f, err := tree.Open("/f")
		if err == nil {
			_, err = io.ReadAll(f)
		}
		if err == nil {
			t.Errorf("a file of a closed %s can be read", name)
		}
	}
}

func TestOpenSaysWhich(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "absent")
	if _, err := image.Open(folder); err == nil || !strings.Contains(err.Error(), folder) {
		t.Errorf("error is %v, want it to name %s", err, folder)
	}
}
