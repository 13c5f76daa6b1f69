package tooling

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/moby/moby/client"

	"example.com/stagecraft/internal/build"
	"example.com/stagecraft/internal/engine"
)

// TestLegacyStore builds with an engine that keeps images in the store before containerd's: BuildKit in a container does
// it, and what comes of it runs.
func TestLegacyStore(t *testing.T) {
	lab := open(t)
	bareMachine(t, lab.root)
	buildx, err := exec.LookPath("buildx")
	if err != nil {
		t.Skip("starts a private engine, whose programs are not compiled here")
	}
	programs := filepath.Dir(buildx)
	if _, err := os.Stat(filepath.Join(programs, "dockerd")); err != nil {
		t.Skip("starts a private engine, whose programs are not compiled here")
	}
	home, err := os.MkdirTemp("/tmp", "sc") //nolint:usetesting // t.TempDir has too long a name for sockets
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(home) }) // after the engine is gone: cleanups run in the opposite order
	shareBases(t, home)
	for _, setting := range []string{
		"STAGECRAFT_HOME=" + home, "STAGECRAFT_PROGRAMS=" + filepath.Dir(programs), "STAGECRAFT_STORE=legacy",
		"STAGECRAFT_ENGINE=private", "BUILDX_CONFIG=" + t.TempDir(), // the user's own builders stay as they are
		"DOCKER_HOST=",
	} {
		name, value, _ := strings.Cut(setting, "=")
		t.Setenv(name, value)
	}
	root := checkout(t, lab.root)
	e, err := engine.Find(t.Context(), root, t.Output())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		builder := -1
		if made, err := e.Client().ContainerInspect(context.Background(), "buildx_buildkit_stagecraft0", client.ContainerInspectOptions{}); err == nil {
			builder = made.Container.State.Pid
		}
		if err := engine.NewBare(root).Run(context.Background(), t.Output(), nil, "engine", "remove"); err != nil {
			t.Error(err)
		}
		if left, _ := filepath.Glob(filepath.Join(os.Getenv("BUILDX_CONFIG"), "instances", "*")); len(left) > 0 {
			t.Errorf("the engine is removed, and buildx still knows %v", left)
		}
		// What has ended has no command line, even while nobody asked how it ended.
		if left, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", builder)); len(left) > 0 {
			t.Errorf("the engine is removed, and its builder's container runs on: process %d, %q", builder, left)
		}
	})
	if driver, err := e.LegacyStore(t.Context()); driver == "" || err != nil {
		t.Fatalf("this engine's store is not the legacy one: %q, %v", driver, err)
	}
	var said strings.Builder
	b, err := build.New(t.Context(), root, e, "", &said)
	if err != nil {
		t.Fatal(err)
	}
	sel := chosen(t, root)
	bake(t, b, root, lab.root, sel)
	t.Log(said.String())
	if want := "keeps images in the legacy store"; strings.Count(said.String(), want) != 1 {
		t.Errorf("it is not said once that %q", want)
	}
	t.Run("loads again what the engine lost", func(t *testing.T) { loadAgain(t, b, e, planned(t, b, root, sel)) })
	t.Run("runs", func(t *testing.T) { runElsewhere(t, sel) })
}

// loadAgain takes a tag from the engine: the next build gives it back, and builds nothing.
func loadAgain(t *testing.T, b *build.Builder, e *engine.Engine, plan build.Plan) {
	tag := plan.Services[0].Image()
	if _, err := e.Client().ImageRemove(t.Context(), tag, client.ImageRemoveOptions{}); err != nil {
		t.Fatal(err)
	}
	result, err := b.Build(t.Context(), plan)
	if err != nil || len(result.Built) > 0 {
		t.Errorf("built %v, %v, want nothing", result.Built, err)
	}
	if _, err := e.Client().ImageInspect(t.Context(), tag); err != nil {
		t.Error(err)
	}
}

// runElsewhere starts every image under the contract on that engine, which the environment names, and asks its declared
// checks.
func runElsewhere(t *testing.T, sel build.Selection) {
	var names []string
	for _, s := range sel.Services {
		names = append(names, s.Name)
	}
	test := exec.CommandContext(t.Context(), "go", "test", "-count=1", "-v", "..",
		"-run=^TestServices$/^("+strings.Join(names, "|")+")$/.*/^check ")
	output, err := test.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	for _, name := range names {
		if !strings.Contains(string(output), "--- PASS: TestServices/"+name+"/") {
			t.Errorf("%s was not tried:\n%s", name, output)
		}
	}
}

// shareBases lets another home of the private engine use the stand-ins that are made already: once is enough.
func shareBases(t *testing.T, home string) {
	t.Helper()
	made := os.Getenv("STAGECRAFT_HOME")
	if made == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			t.Fatal(err)
		}
		made = filepath.Join(cache, "stagecraft")
	}
	made = filepath.Join(made, "bases")
	if _, err := os.Stat(made); err != nil {
		return
	}
	if err := os.Symlink(made, filepath.Join(home, "bases")); err != nil {
		t.Fatal(err)
	}
}
