package integration

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"example.com/stagecraft/internal/catalog"
)

// newFixture is a good service. Its image is made here, without a base image and without a network: one static program in an
// empty file system.
func (l *laboratory) newFixture(name string) catalog.Service {
	hello, sent := "Hello\n", "sent"
	return catalog.Service{
		Project:  l.repository.Project.Name,
		Name:     unique(name),
		Dir:      "services/" + unique(name),
		Protocol: catalog.HTTP,
		Port:     8080,
		Health:   catalog.Health{Live: "/healthz", Ready: "/readyz"},
		Run:      catalog.Run{Memory: 128_000_000, Tmpfs: []string{"/tmp"}},
		Checks: []catalog.Check{
			{Name: "greets", Method: "GET", Path: "/", Expect: catalog.Expect{Status: 200, Body: &hello}},
			{Name: "echoes", Method: "POST", Path: "/echo", Body: []byte(sent), Expect: catalog.Expect{Status: 200, Body: &sent}},
		},
	}
}

// unique is a name that no other run uses, since all share the engine's tags.
func unique(name string) string { return fmt.Sprintf("%s-%d", name, os.Getpid()) }

// fixture loads a fixture's image for the engine's own platform; change may spoil its configuration.
func (l *laboratory) fixture(t *testing.T, name string, change func(*v1.Config)) catalog.Service {
	t.Helper()
	config := fixtureConfig()
	if change != nil {
		change(&config)
	}
	service := l.newFixture(name)
	if err := l.load(t.Context(), service, l.native, config); err != nil {
		t.Fatal(err)
	}
	return service
}

// fixtureConfig is the image's configuration; a test may change it before it loads the image.
func fixtureConfig() v1.Config {
	return v1.Config{
		User:         "65532:65532",
		Env:          []string{"PORT=8080"},
		Entrypoint:   []string{"/fixture"},
		ExposedPorts: map[string]struct{}{"8080/tcp": {}},
		Healthcheck:  &v1.HealthConfig{Test: []string{"CMD", "/fixture", "probe"}},
	}
}

// load makes the image of a fixture and hands it to the engine under the tag that a build would give it.
func (l *laboratory) load(ctx context.Context, service catalog.Service, platform catalog.Platform, config v1.Config) error {
	program, err := compiled(platform)
	if err != nil {
		return err
	}
	config.Labels = l.owner.labels() // by which sweep finds it
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return archive("fixture", program) })
	if err != nil {
		return fmt.Errorf("making the fixture's layer: %w", err)
	}
	image, err := mutate.AppendLayers(empty.Image, layer)
	if err != nil {
		return fmt.Errorf("making the fixture's image: %w", err)
	}
	file, err := image.ConfigFile()
	if err != nil {
		return fmt.Errorf("making the fixture's image: %w", err)
	}
	file = file.DeepCopy()
	file.OS, file.Architecture, file.Config = "linux", platform.Arch(), config
	if image, err = mutate.ConfigFile(image, file); err != nil {
		return fmt.Errorf("making the fixture's image: %w", err)
	}
	tag, err := name.NewTag(service.Tag(platform))
	if err != nil {
		return err
	}
	reader, writer := io.Pipe()
	go func() { writer.CloseWithError(tarball.Write(tag, image, writer)) }()
	answer, err := l.api.ImageLoad(ctx, reader)
	if err != nil {
		return fmt.Errorf("loading the fixture's image: %w", errors.Join(err, reader.Close()))
	}
	defer answer.Close()
	output, err := io.ReadAll(answer)
	if err != nil || bytes.Contains(output, []byte(`"error"`)) {
		return fmt.Errorf("loading the fixture's image: the engine answered %s: %w", output, err)
	}
	return nil
}

// compiled is the fixture's program for a platform, compiled once.
func compiled(platform catalog.Platform) ([]byte, error) {
	build, _ := programs.LoadOrStore(platform, sync.OnceValues(func() ([]byte, error) {
		dir, err := os.MkdirTemp("", "stagecraft-fixture-")
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(dir)
		command := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", filepath.Join(dir, "fixture"), "./testdata/fixture")
		command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+platform.Arch())
		if output, err := command.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("compiling the fixture for %s: %w: %s", platform, err, output)
		}
		return os.ReadFile(filepath.Join(dir, "fixture"))
	}))
	return build.(func() ([]byte, error))()
}

var programs sync.Map // catalog.Platform -> func() ([]byte, error)

// archive is a tar stream of one program.
func archive(name string, program []byte) (io.ReadCloser, error) {
	var buffer bytes.Buffer
	w := tar.NewWriter(&buffer)
	header := &tar.Header{Name: name, Mode: 0o755, Size: int64(len(program)), ModTime: time.Unix(0, 0)}
	if err := w.WriteHeader(header); err != nil {
		return nil, err
	}
	if _, err := w.Write(program); err != nil {
		return nil, err
	}
	return io.NopCloser(&buffer), w.Close()
}
