package rootfs_test

import (
	"archive/tar"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"example.com/stagecraft/internal/elffile/elftest"
	"example.com/stagecraft/internal/image/imagetest"
	"example.com/stagecraft/internal/rootfs"
)

func read(t *testing.T, config v1.Config, layers ...[]imagetest.Entry) *rootfs.FS {
	t.Helper()
	var all []v1.Layer
	for _, entries := range layers {
		all = append(all, imagetest.Layer(t, entries...))
	}
	files, err := rootfs.Read(imagetest.Open(t, imagetest.Image(t, "amd64", config, all...)).Images()[0])
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func program(name string) imagetest.Entry {
	return imagetest.File(name, "#!").With(func(h *tar.Header) { h.Mode = 0o755 })
}

// The files of an image are what its layers leave.
func TestRead(t *testing.T) {
	t.Parallel()
	binary := string(elftest.File{}.Bytes(t))
	files := read(t, v1.Config{},
		[]imagetest.Entry{imagetest.File("gone/a", "1"), imagetest.File("opaque/b", "1"), imagetest.File("bin/x", binary), imagetest.File("short", "\x7fELF")},
		[]imagetest.Entry{
			imagetest.File(".wh.gone", ""), imagetest.File("opaque/.wh..wh..opq", ""), imagetest.File("opaque/c", "1"),
			imagetest.Hardlink("bin/y", "bin/x"), imagetest.Symlink("bin/z", "x"),
		})
	var names, regular []string
	for _, e := range files.Names {
		names = append(names, e.Path)
	}
	for _, e := range files.Regular {
		regular = append(regular, e.Path)
	}
	if want := []string{"/bin/x", "/bin/y", "/opaque/c", "/short"}; !slices.Equal(names, want) {
		t.Errorf("names %v, want %v", names, want)
	}
	if want := []string{"/bin/x", "/opaque/c", "/short"}; !slices.Equal(regular, want) {
		t.Errorf("files %v, want %v", regular, want)
	}
	if len(files.ELFs) != 1 || !slices.Equal(files.Links["/bin/x"], []string{"/bin/y"}) {
		t.Errorf("ELF files %v, links %v", files.ELFs, files.Links)
	}
	for _, name := range []string{"/bin/x", "/bin/y", "/bin/z"} {
		e, err := files.Tree.Resolve(name)
		if err != nil || files.ELF(e) != files.ELFs["/bin/x"] || rootfs.FirstPath(e) != "/bin/x" {
			t.Errorf("%s: %v, %v", name, e, err)
		}
	}
	if e, _ := files.Tree.Lookup("/short"); files.ELF(e) != nil {
		t.Error("four bytes are an ELF file")
	}
	if files.Text("/opaque/c") != "1" || files.Text("/gone/a") != "" || files.Text("/bin") != "" {
		t.Error("texts are wrong")
	}
}

func TestLookPath(t *testing.T) {
	t.Parallel()
	entries := []imagetest.Entry{
		program("usr/bin/tool"), imagetest.File("usr/local/bin/tool", "not executable"), program("app/start"), imagetest.Dir("bin/folder"),
		imagetest.Symlink("bin/absolute", "/app/start"), imagetest.Symlink("bin/above", "../../../app/start"), // the root is its own parent
		imagetest.Symlink("bin/nowhere", "/none"), imagetest.Symlink("bin/circle", "circle"), imagetest.Symlink("chain0", "/app/start"),
	}
	for n := range 40 { // chainN leads through N+1 links
		entries = append(entries, imagetest.Symlink(fmt.Sprintf("chain%d", n+1), fmt.Sprintf("chain%d", n)))
	}
	config := v1.Config{WorkingDir: "/app", Env: []string{"A=1", "PATH=/usr/local/bin:bin:/usr/bin", "B="}, Entrypoint: []string{"tool"}, Cmd: []string{"-v"}}
	files := read(t, config, entries)
	for name, want := range map[string]string{ // the path it is found by; "" when it is not
		"tool": "/usr/bin/tool", "absolute": "/bin/absolute", "above": "/bin/above",
		"folder": "", "nowhere": "", "circle": "", "start": "",
		"./start": "/app/start", "/app/start": "/app/start", "/chain39": "/chain39", "/chain40": "",
	} {
		p, e, err := files.LookPath(name)
		if (err == nil) != (want != "") || err == nil && (p != want || !e.Mode.IsRegular()) {
			t.Errorf("%s is %q, %v, want %q", name, p, err, want)
		}
	}
	if _, _, err := files.LookPath("/none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a path that leads nowhere is %v", err)
	}
	if files.Env("A") != "1" || files.Env("B") != "" || files.Env("C") != "" || !slices.Equal(files.Command(), []string{"tool", "-v"}) {
		t.Errorf("environment or command of %+v", files.RunConfig())
	}
}

// Without PATH, the engine's default is searched; without a folder to work in, the root.
func TestLookPathDefaults(t *testing.T) {
	t.Parallel()
	files := read(t, v1.Config{}, []imagetest.Entry{program("usr/sbin/tool"), program("start")})
	for name, want := range map[string]string{"tool": "/usr/sbin/tool", "./start": "/start"} {
		if p, _, err := files.LookPath(name); err != nil || p != want {
			t.Errorf("%s is %q, %v", name, p, err)
		}
	}
}
