package bases

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"strings"

	"example.com/stagecraft/bare/internal/say"
)

const goVersion = "1.26.8"

// goSums are the module checksums of the toolchains, as go.sum would have them.
var goSums = map[string]string{
	"amd64": "h1:ZOmGe1OnfREDMIdb1Qi4G9JSuDPBLGExZMQ4nis1RXM=",
	"arm64": "h1:sYL/O6MqS68ML0kjsQ36WoYIpJqkw60TxizWUYUKQMc=",
}

// golang adds Debian with a C compiler (the race detector and cgo want it),
// git and make, and the Go toolchain as the module proxy has it. The official
// image's other version control systems and C++ are left out.
func (b *builder) golang(arch string) error {
	toolchain, err := b.toolchain(arch)
	if err != nil {
		return err
	}
	if err := b.debian(arch, "ca-certificates", "gcc", "git", "libc6-dev", "make", "pkg-config"); err != nil {
		return err
	}
	return b.add(func(w io.Writer) error { return writeGo(w, toolchain) })
}

// toolchain downloads the toolchain's module and returns its zip file.
func (b *builder) toolchain(arch string) (string, error) {
	module := "golang.org/toolchain@v0.0.1-go" + goVersion + ".linux-" + arch
	cmd := exec.CommandContext(b.ctx, "go", "mod", "download", "-json", module)
	cmd.Dir = os.TempDir() // outside of any module: its go.mod is not ours to touch
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	var words bytes.Buffer
	cmd.Stderr = &words
	out, err := cmd.Output()
	var m struct{ Zip, Sum, Error string }
	if jsonErr := json.Unmarshal(out, &m); err == nil {
		err = jsonErr
	}
	if err != nil {
		return "", fmt.Errorf("downloading %s: %s%s (%w)", module, m.Error, say.LastLine(words.Bytes()), err)
	}
	if m.Sum != goSums[arch] {
		return "", fmt.Errorf("checking %s: it is %s, pinned is %s; do not use it before knowing why", module, m.Sum, goSums[arch])
	}
	return m.Zip, nil
}

func writeGo(w io.Writer, zipFile string) error {
	z, err := zip.OpenReader(zipFile)
	if err != nil {
		return err
	}
	defer z.Close()
	t := newTarball(w)
	for _, f := range z.File {
		// MODULE@VERSION/path: the version has no slash, the module has one.
		parts := strings.SplitN(f.Name, "/", 3)
		if len(parts) < 3 || strings.HasSuffix(f.Name, "/") {
			continue
		}
		name := parts[2]
		// A go.mod within a module would end it: toolchain modules call theirs _go.mod.
		if dir, base := path.Split(name); base == "_go.mod" {
			name = dir + "go.mod"
		}
		mode := int64(0o644)
		// Modules carry no modes; the go command sets these when it unpacks one.
		if strings.HasPrefix(name, "bin/") || strings.HasPrefix(name, "pkg/tool/") {
			mode = 0o755
		}
		r, err := f.Open()
		if err != nil {
			return err
		}
		err = t.file("usr/local/go/"+name, mode, int64(f.UncompressedSize64), r)
		r.Close()
		if err != nil {
			return err
		}
	}
	for _, dir := range []string{"go", "go/src", "go/bin"} {
		if err := t.folder(dir, 0o1777); err != nil {
			return err
		}
	}
	return t.Close()
}
