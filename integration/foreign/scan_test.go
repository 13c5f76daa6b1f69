package foreign

import (
	"archive/zip"
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"

	"example.com/stagecraft/internal/build"
	"example.com/stagecraft/internal/image/imagetest"
	"example.com/stagecraft/internal/project"
	"example.com/stagecraft/internal/sbom"
	"example.com/stagecraft/internal/scan"
)

// TestScan has osv-scanner look for planted packages in a database of planted vulnerabilities. What it writes is what the tests of
// internal/scan have recorded.
func TestScan(t *testing.T) {
	t.Parallel()
	path := program(t, "osv-scanner")
	const planted = "../../internal/scan/testdata"
	urls, err := os.ReadFile(filepath.Join(planted, "packages.txt"))
	mustNot(t, err)
	var listed []sbom.Package
	for url := range strings.Lines(string(urls)) {
		listed = append(listed, sbom.Package{PURL: strings.TrimSpace(url)})
	}
	packages, _ := scan.Packages(listed)
	list, err := scan.List(packages)
	mustNot(t, err)
	dir := t.TempDir()
	file := filepath.Join(dir, "shop.cdx.json")
	mustNot(t, os.WriteFile(file, list, 0o600))
	databases := databases(t, filepath.Join(planted, "osv"))
	var out, said bytes.Buffer
	command := exec.CommandContext(t.Context(), path, scan.Arguments(databases, file)...)
	command.Stdout, command.Stderr = &out, &said
	err = command.Run()
	if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) || exit.ExitCode() != scan.Vulnerable {
		t.Fatalf("osv-scanner: %v: %s", err, &said)
	}
	recorded, err := os.ReadFile(filepath.Join(planted, "found.json"))
	mustNot(t, err)
	if got := strings.ReplaceAll(out.String(), dir+"/", ""); got != string(recorded) {
		t.Errorf("internal/scan/testdata/found.json is not what osv-scanner writes now:\n%s", got)
	}
}

// TestScanOfAnImage finds a package of each kind of record in an image, until its vulnerabilities are waived.
func TestScanOfAnImage(t *testing.T) {
	t.Parallel()
	program(t, "osv-scanner")
	root, databases := t.TempDir(), databases(t, "../../internal/scan/testdata/osv")
	tools, err := filepath.Abs("../../tools")
	mustNot(t, err, os.Symlink(tools, filepath.Join(root, "tools")))
	write := func(name, content string) {
		file := filepath.Join(root, filepath.FromSlash(name))
		mustNot(t, os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(content), 0o600))
	}
	write("project.yaml", "name: shop\nsource: https://example.com/shop\nlicenses: MIT\nplatforms: [linux/amd64]\n")
	write("dockerfiles/go.Dockerfile", "FROM scratch\n")
	write("services/shop/service.yaml", "language: go\nprotocol: none\ndescription: A shop\nsize: {linux/amd64: {unpacked: 1MB, pull: 1MB}}\nrun: {memory: 8MB}\n")
	write("services/shop/Dockerfile", "FROM scratch\n")
	layer := imagetest.Layer(t,
		imagetest.File("etc/os-release", "ID=debian\nVERSION_ID=\"13\"\n"),
		imagetest.File("var/lib/dpkg/status.d/libssl3t64", "Package: libssl3t64\nSource: openssl\nVersion: 3.5.9-1\nArchitecture: amd64\n"),
		imagetest.File("app/node_modules/@fastify/error/package.json", `{"name": "@fastify/error", "version": "4.2.0"}`),
		imagetest.File("app/packages/flask-3.1.3.dist-info/METADATA", "Metadata-Version: 2.1\nName: Flask\nVersion: 3.1.3\n"),
		imagetest.File("app/packages/flask-3.1.3.dist-info/RECORD", "flask-3.1.3.dist-info/METADATA,,\n"),
	)
	_, err = layout.Write(build.Layout(root, "shop"), mutate.AppendManifests(empty.Index, mutate.IndexAddendum{Add: imagetest.Image(t, "amd64", v1.Config{}, layer)}))
	mustNot(t, err)
	var out bytes.Buffer
	p := project.Project{Root: root, Out: &out, Progress: t.Output()}
	err = p.Scan(t.Context(), "", databases)
	refused(t, "scan", err, "3 findings to fix")
	for _, name := range []string{"openssl", "@fastify/error", "flask"} {
		if !strings.Contains(out.String(), name) {
			t.Errorf("%s is not found:\n%s", name, &out)
		}
	}
	statement := func(name string) string {
		return `{"vulnerability": {"name": "` + name + `"}, "products": [{"@id": "pkg:oci/shop"}], "status": "not_affected", "impact_statement": "a test"}`
	}
	write("vex.openvex.json", `{"@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://example.com/vex", "author": "Team", "timestamp": "2026-11-28T00:00:00Z", "version": 1,
		"statements": [`+statement("CVE-2026-90001")+","+statement("CVE-2026-90005")+","+statement("CVE-2026-90007")+`]}`)
	out.Reset()
	mustNot(t, p.Scan(t.Context(), "", databases))
	if got := strings.Count(out.String(), "waived: not_affected since 2026-11-28: a test"); got != 3 {
		t.Errorf("%d findings are waived, not 3:\n%s", got, &out)
	}
	if log, err := os.ReadFile(filepath.Join(root, "out", "scan.sarif")); err != nil || bytes.Count(log, []byte(`"suppressions"`)) != 3 {
		t.Errorf("out/scan.sarif: %v: %s", err, log)
	}
	// Without the database of one ecosystem, nothing is said to be clean.
	mustNot(t, os.Remove(scan.Database(databases, "npm")))
	refused(t, "scan", p.Scan(t.Context(), "", databases), "the database for npm is missing")
}

// databases puts the entries below a folder where osv-scanner looks for them.
func databases(t *testing.T, entries string) string {
	t.Helper()
	dir := t.TempDir()
	all, err := os.ReadDir(entries)
	mustNot(t, err)
	for _, ecosystem := range all {
		var archive bytes.Buffer
		w := zip.NewWriter(&archive)
		mustNot(t, w.AddFS(os.DirFS(filepath.Join(entries, ecosystem.Name()))), w.Close())
		file := scan.Database(dir, ecosystem.Name())
		mustNot(t, os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, archive.Bytes(), 0o600))
	}
	return dir
}
