package main

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"example.com/stagecraft/internal/version"
)

// stdin is a Dockerfile with one finding.
const stdin = "FROM debian:trixie-slim\nUSER 1\n"

// invoke runs the program without an engine in reach.
func invoke(t *testing.T, args ...string) (code int, out, problems string) {
	t.Helper()
	t.Setenv("DOCKER_HOST", "unix://"+filepath.Join(t.TempDir(), "none.sock"))
	t.Setenv("GITHUB_ACTIONS", "")
	var stdout, stderr bytes.Buffer
	code = run(t.Context(), args, strings.NewReader(stdin), &stdout, &stderr)
	return code, stdout.String(), stderr.String()
}

func TestMisuse(t *testing.T) {
	for _, tt := range []struct {
		args string
		want string
	}{
		{"", "Usage:"},
		{"lint", "Usage:"},
		{"audit", "Usage:"},
		{"lnt x", "there is no verb lnt"},
		{"lint -jsn x", "flag provided but not defined: -jsn"},
		{"lint -format=xml x", "-format: there is no format xml; choose one of text json sarif github"},
		{"lint -fail-on=fatal x", "read the flags: there is no severity fatal; choose one of error, warning, none"},
		{"audit -skip=pined x", "read the flags: there is no rule pined; did you mean pinned?"},
		{"lint ./none", "none"},
		{"audit ./none.tar", "none.tar"},
		{"audit Not~A~Reference", "neither a file nor a reference"},
		{"explain pined", "there is no rule pined; did you mean pinned?"},
	} {
		code, out, problems := invoke(t, strings.Fields(tt.args)...)
		if code != 2 || out != "" || !strings.Contains(problems, tt.want) {
			t.Errorf("stagecraft %s: exit %d, %q, %q, want 2 and %q", tt.args, code, out, problems, tt.want)
		}
	}
	if code, out, _ := invoke(t, "help"); code != 0 || !strings.Contains(out, "Usage:") {
		t.Errorf("help: exit %d, %q", code, out)
	}
}

func TestLint(t *testing.T) {
	dir := t.TempDir()
	bad := filepath.Join(dir, "web", "Dockerfile.dev")
	for name, text := range map[string]string{
		bad:                                      "FROM debian:trixie-slim\nUSER 1\n",
		filepath.Join(dir, "good.Dockerfile"):    "FROM scratch\nCOPY a /a\nUSER 1\n",
		filepath.Join(dir, "a"):                  "",
		filepath.Join(dir, "x", ".dockerignore"): ".git\n",
		filepath.Join(dir, "x", "a"):             "",
		filepath.Join(dir, "x", "nothing.text"):  "",
	} {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	code, out, _ := invoke(t, "lint", dir)
	if code != 1 || !strings.HasPrefix(out, filepath.ToSlash(bad)+":1: warning: pinned: ") || !strings.Contains(out, "1 finding in 2 Dockerfiles") {
		t.Errorf("a folder: exit %d, %s", code, out)
	}
	good := filepath.Join(dir, "good.Dockerfile")
	if code, out, _ := invoke(t, "lint", good); code != 0 || out != "0 findings in 1 Dockerfile\n" {
		t.Errorf("a good file: exit %d, %s", code, out)
	}
	if code, out, _ := invoke(t, "lint", good, "-context", filepath.Join(dir, "x")); code != 1 || !strings.Contains(out, ".dockerignore: warning: context: it leaves out some files") {
		t.Errorf("with a context: exit %d, %s", code, out)
	}
	if code, _, problems := invoke(t, "lint", filepath.Join(dir, "x")); code != 2 || !strings.Contains(problems, "there is no Dockerfile in") {
		t.Errorf("a folder without: exit %d, %s", code, problems)
	}
	code, out, _ = invoke(t, "lint", "-format=json", bad)
	var report struct{ Findings []struct{ Rule, File string } }
	if err := json.Unmarshal([]byte(out), &report); err != nil || code != 1 || len(report.Findings) != 1 || report.Findings[0].Rule != "pinned" {
		t.Errorf("JSON: exit %d, %v, %s", code, err, out)
	}
}

func TestStdin(t *testing.T) {
	if code, out, _ := invoke(t, "lint", "-"); code != 1 || !strings.HasPrefix(out, "-:1: warning: pinned: ") {
		t.Errorf("exit %d, %s", code, out)
	}
}

func TestVersion(t *testing.T) {
	for _, word := range []string{"version", "--version"} {
		if code, out, _ := invoke(t, word); code != 0 || out != "stagecraft "+version.Version+"\n" {
			t.Errorf("%s: exit %d, %q", word, code, out)
		}
	}
}

// Each flag is in the help.
func TestHelp(t *testing.T) {
	for _, args := range [][]string{{"help"}, {"lint", "--help"}, {"audit", "-h"}} {
		code, out, _ := invoke(t, args...)
		for _, part := range []string{"-format=", "-fail-on=", "-only=", "-skip=", "-context=", ".stagecraft.yaml", "Exit status"} {
			if code != 0 || !strings.Contains(out, part) {
				t.Errorf("%v: exit %d, without %s", args, code, part)
			}
		}
	}
}

// Flags win over the file of the repository.
func TestPolicy(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for _, tt := range []struct {
		file string
		args []string
		code int
		out  string
	}{
		{"", nil, 1, "1 finding"},
		{"", []string{"-fail-on=error"}, 0, "1 finding"},
		{"", []string{"-fail-on=none"}, 0, "1 finding"},
		{"", []string{"-skip=cache,pinned"}, 0, "0 findings"},
		{"", []string{"-only=cache"}, 0, "0 findings"},
		{"", []string{"-only=cache,pinned"}, 1, "1 finding"},
		{"skip: [pinned]\n", nil, 0, "0 findings"},
		{"skip: [pinned]\n", []string{"-skip=cache"}, 1, "1 finding"},
		{"fail-on: error\n", nil, 0, "1 finding"},
		{"fail-on: error\n", []string{"-fail-on=warning"}, 1, "1 finding"},
		{"fail-on: error\nseverity: {pinned: error}\n", nil, 1, "-:1: error: pinned: "},
		{"severity: {pinned: note}\n", nil, 0, "-:1: note: pinned: "},
	} {
		if err := os.WriteFile(".stagecraft.yaml", []byte(tt.file), 0o644); err != nil {
			t.Fatal(err)
		}
		if code, out, problems := invoke(t, append([]string{"lint", "-"}, tt.args...)...); code != tt.code || !strings.Contains(out, tt.out) {
			t.Errorf("%q %v: exit %d, want %d, %q in %s %s", tt.file, tt.args, code, tt.code, tt.out, out, problems)
		}
	}
	if err := os.WriteFile(".stagecraft.yaml", []byte("ignore: [pinned]\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if code, _, problems := invoke(t, "lint", "-"); code != 2 || !strings.Contains(problems, ".stagecraft.yaml") || !strings.Contains(problems, "its keys are fail-on, only, skip and severity") {
		t.Errorf("a key that does not exist: exit %d, %s", code, problems)
	}
}

func TestExplain(t *testing.T) {
	if code, out, _ := invoke(t, "explain", "loads", "pinned"); code != 0 || !strings.Contains(out, "Source: https://") || !strings.Contains(out, "\npinned: ") {
		t.Errorf("exit %d, %s", code, out)
	}
	if code, out, _ := invoke(t, "explain"); code != 0 || strings.Count(out, "\n") < 20 {
		t.Errorf("exit %d, %s", code, out)
	}
}

// fake is an image for amd64 that runs as root, and an index of it and of one for arm64 that does not.
func fake(t *testing.T) (v1.Image, v1.ImageIndex) {
	t.Helper()
	of := func(arch, user string) v1.Image {
		img, err := mutate.ConfigFile(empty.Image, &v1.ConfigFile{OS: "linux", Architecture: arch, Config: v1.Config{User: user}, RootFS: v1.RootFS{Type: "layers"}})
		if err != nil {
			t.Fatal(err)
		}
		return img
	}
	root := of("amd64", "")
	return root, mutate.AppendManifests(empty.Index, mutate.IndexAddendum{Add: root}, mutate.IndexAddendum{Add: of("arm64", "65532")})
}

// An image is found in each form that it may have.
func TestAudit(t *testing.T) {
	img, idx := fake(t)
	dir := t.TempDir()
	folder := filepath.Join(dir, "layout")
	if _, err := layout.Write(folder, idx); err != nil {
		t.Fatal(err)
	}
	ociTar, saved := filepath.Join(dir, "oci.tar"), filepath.Join(dir, "saved.tar")
	pack(t, folder, ociTar)
	ref, err := name.NewTag("example.com/demo:1")
	if err != nil {
		t.Fatal(err)
	}
	if err := tarball.WriteToFile(saved, ref, img); err != nil {
		t.Fatal(err)
	}
	partial := filepath.Join(dir, "partial.tar") // as an engine saves an image of which it has one platform
	manifests, err := idx.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(folder, "blobs", "sha256", manifests.Manifests[1].Digest.Hex)); err != nil {
		t.Fatal(err)
	}
	pack(t, folder, partial)
	if _, err := layout.Write(folder, idx); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(registry.New())
	defer server.Close()
	remoteRef, err := name.ParseReference(strings.TrimPrefix(server.URL, "http://") + "/demo:1")
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.WriteIndex(remoteRef, idx); err != nil {
		t.Fatal(err)
	}
	for word, images := range map[string]string{folder: "2 images", ociTar: "2 images", saved: "1 image;", partial: "1 image;", remoteRef.String(): "2 images"} {
		code, out, problems := invoke(t, "audit", word)
		if code != 1 || !strings.HasPrefix(out, word+":linux/amd64: warning: privilege: runs as root") || !strings.Contains(out, "1 finding in "+images) {
			t.Errorf("%s: exit %d, %s %s", word, code, out, problems)
		}
	}
	code, _, problems := invoke(t, "audit", remoteRef.Context().String()+":none")
	if code != 2 || !strings.Contains(problems, "the engine: ") || !strings.Contains(problems, "the registry: ") {
		t.Errorf("an image that is nowhere: exit %d, %s", code, problems)
	}
	if err := os.WriteFile(filepath.Join(dir, "bad.tar"), []byte("no tar at all"), 0o644); err != nil {
		t.Fatal(err)
	}
	if code, _, problems := invoke(t, "audit", filepath.Join(dir, "bad.tar")); code != 2 || !strings.Contains(problems, "bad.tar") {
		t.Errorf("no tar: exit %d, %s", code, problems)
	}
}

// An image of the engine that the docker context in use names.
func TestAuditOfAContext(t *testing.T) {
	img, _ := fake(t)
	ref, err := name.NewTag("demo:1")
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Api-Version", "1.48")
		if strings.HasSuffix(r.URL.Path, "/images/get") && r.URL.Query().Get("names") == "demo:1" {
			_ = tarball.Write(ref, img, w)
		}
	}))
	defer server.Close()
	config := t.TempDir()
	meta := filepath.Join(config, "contexts", "meta", fmt.Sprintf("%x", sha256.Sum256([]byte("far"))), "meta.json")
	if err := os.MkdirAll(filepath.Dir(meta), 0o755); err != nil {
		t.Fatal(err)
	}
	host := strings.Replace(server.URL, "http", "tcp", 1)
	if err := os.WriteFile(meta, []byte(`{"Name":"far","Endpoints":{"docker":{"Host":"`+host+`"}}}`), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Setenv("DOCKER_CONFIG", config)
	t.Setenv("DOCKER_CONTEXT", "far")
	audit := func() (int, string, string) {
		t.Setenv("DOCKER_HOST", "")
		var stdout, stderr bytes.Buffer
		code := run(t.Context(), []string{"audit", "demo:1"}, nil, &stdout, &stderr)
		return code, stdout.String(), stderr.String()
	}
	if code, out, problems := audit(); code != 1 || !strings.HasPrefix(out, "demo:1:linux/amd64: warning: privilege: runs as root") {
		t.Errorf("exit %d, %s %s", code, out, problems)
	}
	t.Setenv("DOCKER_CONTEXT", "gone")
	if code, _, problems := audit(); code != 2 || !strings.Contains(problems, `read docker context "gone", which is in use`) {
		t.Errorf("a context that is not there: exit %d, %s", code, problems)
	}
}

func pack(t *testing.T, folder, file string) {
	t.Helper()
	out, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	w := tar.NewWriter(out)
	if err := w.AddFS(os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestUnpackStaysInside(t *testing.T) {
	dir := t.TempDir()
	archive := filepath.Join(dir, "x.tar")
	out, err := os.Create(archive)
	if err != nil {
		t.Fatal(err)
	}
	w := tar.NewWriter(out)
	if err := w.WriteHeader(&tar.Header{Name: "../outside", Size: 1, Mode: 0o644, Typeflag: tar.TypeReg}); err != nil {
		t.Fatal(err)
	}
	_, _ = w.Write([]byte("x"))
	_ = w.Close()
	_ = out.Close()
	if err := unpack(archive, filepath.Join(dir, "in")); err == nil {
		t.Error("a path outside the folder was unpacked")
	}
	if _, err := os.Stat(filepath.Join(dir, "outside")); err == nil {
		t.Error("a file was written outside the folder")
	}
}
