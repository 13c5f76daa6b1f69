package integration

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
	tclog "github.com/testcontainers/testcontainers-go/log"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/engine"
)

// laboratory is what all tests share: the catalog, and the engine, found once.
type laboratory struct {
	repository catalog.Repository
	api        client.APIClient
	owner      owner
	native     catalog.Platform            // the engine's own
	whyNot     map[catalog.Platform]string // platforms that cannot run here, with the reason
	kills      *kills
	sigterms   int // how often SIGTERM is sent while clients are at work
}

var (
	lab      *laboratory
	openOnce = sync.OnceValue(func() (err error) { lab, err = newLaboratory(context.Background()); return err })
)

// open gives a test the engine. Without one the test fails; it is skipped only with -short.
func open(t *testing.T) *laboratory {
	t.Helper()
	if testing.Short() {
		t.Skip("needs a container engine; leave out -short to run it")
	}
	if err := openOnce(); err != nil {
		t.Fatal(err)
	}
	return lab
}

func newLaboratory(ctx context.Context) (*laboratory, error) {
	root, err := filepath.Abs("..")
	if err != nil {
		return nil, err
	}
	repository, err := catalog.Load(root)
	if err != nil {
		return nil, err
	}
	found, err := engine.Find(ctx, root, os.Stderr)
	if err != nil {
		return nil, err
	}
	if err := configure(ctx, found); err != nil {
		return nil, fmt.Errorf("passing the engine at %s to testcontainers-go: %w", found.Host, err)
	}
	native, err := found.Native(ctx)
	if err != nil {
		return nil, err
	}
	owner, err := ownerOf(root)
	if err != nil {
		return nil, err
	}
	l := &laboratory{repository: repository, api: found.Client(), owner: owner, native: native, sigterms: *sigterms, kills: listenForKills(ctx, found.Client())}
	removed, err := l.sweep(ctx)
	if err != nil {
		return nil, err
	}
	if removed > 0 {
		fmt.Fprintf(os.Stderr, "removed %d containers, networks and images that an earlier run of this checkout had left\n", removed)
	}
	listed, err := found.RunnablePlatforms(ctx)
	if err != nil {
		return nil, err
	}
	l.whyNot, err = l.unrunnable(ctx, listed)
	return l, err
}

// configure makes testcontainers-go use an engine; it reads its settings from the environment.
func configure(ctx context.Context, e *engine.Engine) error {
	for _, change := range e.Changes() {
		var err error
		if name, value, sets := strings.Cut(change, "="); sets {
			err = os.Setenv(name, value)
		} else {
			err = os.Unsetenv(name)
		}
		if err != nil {
			return err
		}
	}
	// Ports are published on the loopback interface. A tool that runs in a container would be given the gateway's address.
	if err := setDefault("TESTCONTAINERS_HOST_OVERRIDE", loopback.String()); err != nil {
		return err
	}
	if !hasReaper(ctx, e.Client()) {
		if err := setDefault("TESTCONTAINERS_RYUK_DISABLED", "true"); err != nil {
			return err
		}
	}
	tclog.SetDefault(tclog.NewNoopLogger()) // failures show a container's log themselves
	return nil
}

func setDefault(name, value string) error {
	if _, set := os.LookupEnv(name); set {
		return nil
	}
	return os.Setenv(name, value)
}

const (
	// reaper is Ryuk, which removes what a killed test has left, in the version that testcontainers-go asks for.
	reaper = "testcontainers/ryuk:0.14.0"
	// reaperWithin is how long it may take to pull; without it, the next run removes what is left.
	reaperWithin = 20 * time.Second
)

// hasReaper reports whether the engine has Ryuk's image, or can pull it.
func hasReaper(ctx context.Context, api client.APIClient) bool {
	image := os.Getenv("TESTCONTAINERS_HUB_IMAGE_NAME_PREFIX")
	if image != "" {
		image += "/"
	}
	image += reaper
	if _, err := api.ImageInspect(ctx, image); err == nil {
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, reaperWithin)
	defer cancel()
	pull, err := api.ImagePull(ctx, image, client.ImagePullOptions{})
	if err != nil {
		return false
	}
	defer pull.Close()
	return pull.Wait(ctx) == nil
}

// TestReaper: the image that is looked for is the one that testcontainers-go starts.
func TestReaper(t *testing.T) {
	dir, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/testcontainers/testcontainers-go").Output()
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "internal", "config", "config.go"))
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("ReaperDefaultImage = %q", reaper); !strings.Contains(string(source), want) {
		t.Errorf("testcontainers-go's configuration has no %s: change the constant in integration/engine_test.go", want)
	}
}

// unrunnable lists the platforms that cannot run here. An engine lists what it found when it was started, and does not
// notice when the emulator has gone since: a program of our own is tried, whose failure cannot be mistaken for a service's.
func (l *laboratory) unrunnable(ctx context.Context, listed []catalog.Platform) (map[catalog.Platform]string, error) {
	whyNot := map[catalog.Platform]string{}
	for _, platform := range l.repository.Project.Platforms {
		if platform == l.native {
			continue
		}
		runs := slices.Contains(listed, platform)
		if runs {
			var err error
			if runs, err = l.emulates(ctx, platform); err != nil {
				return nil, err
			}
		}
		if !runs {
			whyNot[platform] = fmt.Sprintf("this engine cannot run %s; on Debian, `apt-get install qemu-user-static binfmt-support` enables it", platform)
		}
	}
	return whyNot, nil
}

func (l *laboratory) emulates(ctx context.Context, platform catalog.Platform) (bool, error) {
	service := l.newFixture("emulated")
	if err := l.load(ctx, service, platform, fixtureConfig()); err != nil {
		return false, err
	}
	ctr, err := testcontainers.Run(ctx, service.Tag(platform), testcontainers.WithImagePlatform(string(platform)), testcontainers.WithLabels(l.owner.labels()))
	defer testcontainers.TerminateContainer(ctr, testcontainers.StopTimeout(0))
	if err != nil && strings.Contains(err.Error(), "exec format error") {
		return false, nil
	}
	return err == nil, err
}
