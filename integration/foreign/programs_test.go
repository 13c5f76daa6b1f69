package foreign

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
)

// program is the path of a program that is pinned in tools/, compiled unless it was before. With -short the test is skipped.
func program(t *testing.T, name string) string {
	t.Helper()
	if testing.Short() {
		t.Skip("compiles foreign programs; leave out -short to run it")
	}
	command := exec.CommandContext(t.Context(), "go", "-C", filepath.Join("..", "..", "tools", name), "tool", "-n", name)
	command.Env = append(os.Environ(), "GOWORK=off")
	command.Stderr = t.Output()
	path, err := command.Output()
	if err != nil {
		t.Fatalf("compile %s: %v", name, err)
	}
	return strings.TrimSpace(string(path))
}

// password is that of keys that cosign makes.
const password = "of this test"

// run is what a program writes, and an error that has it too. The program sees no settings or credentials of this machine's user.
func run(t *testing.T, path string, args ...string) (string, error) {
	t.Helper()
	home := t.TempDir()
	command := exec.CommandContext(t.Context(), path, args...)
	command.Env = []string{"HOME=" + home, "DOCKER_CONFIG=" + home, "COSIGN_PASSWORD=" + password}
	said, err := command.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%s %s: %w: %s", filepath.Base(path), strings.Join(args, " "), err, said)
	}
	return string(said), err
}

// must is run for what has to succeed.
func must(t *testing.T, path string, args ...string) string {
	t.Helper()
	said, err := run(t, path, args...)
	if err != nil {
		t.Fatal(err)
	}
	return said
}

// registries are the kinds of registry: one with lists of referrers, and one for which they are under a tag.
var registries = map[string]func(*testing.T) name.Registry{
	"go-containerregistry": referring,
	"distribution":         func(t *testing.T) name.Registry { host, _ := distribution(t); return host },
}

// referring is a registry with lists of referrers.
func referring(t *testing.T) name.Registry {
	t.Helper()
	s := httptest.NewServer(registry.New(registry.WithReferrersSupport(true), registry.Logger(log.New(io.Discard, "", 0))))
	t.Cleanup(s.Close)
	return host(t, strings.TrimPrefix(s.URL, "http://"))
}

// listening is what distribution's registry logs when it does.
var listening = regexp.MustCompile(`listening on (127\.0\.0\.1:\d+)`)

// distribution starts distribution's registry; dir is the folder in which it keeps blobs.
func distribution(t *testing.T) (_ name.Registry, dir string) {
	t.Helper()
	path := program(t, "registry")
	dir = t.TempDir()
	settings := filepath.Join(t.TempDir(), "config.yml")
	content := "version: 0.1\nlog: {level: info}\nhttp: {addr: '127.0.0.1:0'}\nstorage:\n  filesystem: {rootdirectory: " + dir + "}\n"
	if err := os.WriteFile(settings, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	server := exec.CommandContext(ctx, path, "serve", settings)
	server.Env = []string{"OTEL_TRACES_EXPORTER=none"}
	said, err := server.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		_ = server.Wait()
	})
	var all bytes.Buffer
	for lines := bufio.NewScanner(io.TeeReader(said, &all)); lines.Scan(); {
		if found := listening.FindStringSubmatch(lines.Text()); found != nil {
			go func() { _, _ = io.Copy(io.Discard, said) }()
			return host(t, found[1]), dir
		}
	}
	t.Fatalf("the registry ended: %s", &all)
	return name.Registry{}, ""
}

func host(t *testing.T, address string) name.Registry {
	t.Helper()
	r, err := name.NewRegistry(address)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
