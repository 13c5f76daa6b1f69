package project

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/stagecraft/internal/build"
	"example.com/stagecraft/internal/vex"
)

// An image without packages needs no osv-scanner, which integration/foreign runs.
func TestScan(t *testing.T) {
	t.Parallel()
	p, out := listed(t)
	write := func(name, content string) {
		if err := os.WriteFile(filepath.Join(p.Root, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("project.yaml", "name: shop\nsource: https://example.com/shop\nlicenses: MIT\nplatforms: [linux/amd64]\n")
	write("services/hello-go/service.yaml", "language: go\nprotocol: none\ndescription: Says hello\nsize: {linux/amd64: {unpacked: 1MB, pull: 1MB}}\nrun: {memory: 8MB}\n")
	if err := p.Scan(t.Context(), "", ""); err != nil {
		t.Fatal(err)
	}
	if want := "0 findings in 0 packages, 0 of them to fix; for code scanning: out/scan.sarif\n"; out.String() != want {
		t.Errorf("it says %q, want %q", out, want)
	}
	if log, err := os.ReadFile(filepath.Join(p.Root, "out", "scan.sarif")); err != nil || !strings.Contains(string(log), `"results": []`) {
		t.Errorf("out/scan.sarif: %v: %s", err, log)
	}
	if err := p.Scan(t.Context(), "none", ""); err == nil || !strings.Contains(err.Error(), "choose from hello-go") {
		t.Errorf("for a service that is not there, the error is %v", err)
	}
	write(vex.File, "{}")
	if err := p.Scan(t.Context(), "", ""); err == nil || !strings.Contains(err.Error(), "read vex.openvex.json: @context") {
		t.Errorf("with a bad statement, the error is %v", err)
	}
	if err := os.RemoveAll(build.Layout(p.Root, "hello-go")); err != nil {
		t.Fatal(err)
	}
	if err := p.Scan(t.Context(), "", ""); err == nil || !strings.Contains(err.Error(), "`go tool mage build -services=hello-go` makes it") {
		t.Errorf("without an image, the error is %v", err)
	}
}
