package network

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/client"

	"example.com/stagecraft/internal/build"
	"example.com/stagecraft/internal/command"
	"example.com/stagecraft/internal/engine"
	"example.com/stagecraft/internal/image"
)

// repository is a copy of this one, with services of its own and the mage that a person would run.
type repository struct {
	root   string
	mage   string
	engine *engine.Engine
}

// open makes a copy; copies names services of it, each after the sample that it is a copy of.
func open(t *testing.T, copies map[string]string) *repository {
	t.Helper()
	if testing.Short() {
		t.Skip("needs a container engine; leave out -short to run it")
	}
	here, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.Find(t.Context(), here, t.Output())
	if err != nil {
		t.Fatal(err)
	}
	r := &repository{root: t.TempDir(), mage: filepath.Join(t.TempDir(), "mage"), engine: e}
	if err := build.Copy(here, r.root); err != nil {
		t.Fatal(err)
	}
	for name, sample := range copies {
		if _, err := os.Stat(filepath.Join(r.root, "services", sample)); err != nil {
			t.Skipf("needs the sample %s", sample)
		}
		if err := os.CopyFS(filepath.Join(r.root, "services", name), os.DirFS(filepath.Join(r.root, "services", sample))); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { r.remove(name) })
	}
	compile := command.Command{Args: []string{"go", "tool", "mage", "-compile", r.mage}, Dir: here, Stderr: t.Output()}
	if err := compile.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.render(t)
	return r
}

// edit replaces text in a file, which must have it.
func (r *repository) edit(t *testing.T, name, before, after string) {
	t.Helper()
	file := filepath.Join(r.root, filepath.FromSlash(name))
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(data), before) {
		t.Fatalf("%s has no %q", name, before)
	}
	r.write(t, name, strings.Replace(string(data), before, after, 1))
}

func (r *repository) write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(r.root, filepath.FromSlash(name)), []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// run runs a verb of mage and gives all that a person would see.
func (r *repository) run(t *testing.T, env []string, verb ...string) (string, error) {
	t.Helper()
	start := time.Now()
	defer func() { t.Logf("mage %v: %v", verb, time.Since(start).Round(100*time.Millisecond)) }()
	var seen bytes.Buffer
	err := command.Command{
		Args: append([]string{r.mage}, verb...), Dir: r.root, Env: command.Env(append(r.engine.Changes(), env...)...),
		Stdout: &seen, Stderr: &seen,
	}.Run(t.Context())
	return seen.String(), err
}

func (r *repository) render(t *testing.T) {
	t.Helper()
	if said, err := r.run(t, nil, "render"); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
}

// build builds a service for this machine's platform.
func (r *repository) build(t *testing.T, env []string, services string) (string, error) {
	t.Helper()
	return r.run(t, env, "build", "-services="+services, "-platforms=linux/"+runtime.GOARCH)
}

// gateway is the address by which containers of the engine reach this machine.
func (r *repository) gateway(t *testing.T) string {
	t.Helper()
	found, err := r.engine.Client().NetworkInspect(t.Context(), "bridge", client.NetworkInspectOptions{})
	if err != nil || len(found.Network.IPAM.Config) == 0 {
		t.Fatalf("the engine has no bridge: %v", err)
	}
	return found.Network.IPAM.Config[0].Gateway.String()
}

// remove takes a service's images from the engine.
func (r *repository) remove(service string) {
	for _, tag := range []string{"stagecraft/" + service + ":dev", "stagecraft/" + service + ":dev-" + runtime.GOARCH} {
		_, _ = r.engine.Client().ImageRemove(context.Background(), tag, client.ImageRemoveOptions{})
	}
}

// holds finds those of words that are anywhere in a service's image: in a file of any layer, later deleted or not, or in a
// document. It tells the place.
func (r *repository) holds(t *testing.T, service string, words ...string) map[string]string {
	t.Helper()
	found := map[string]string{}
	look := func(place string, content io.Reader) error {
		data, err := io.ReadAll(content)
		for _, word := range words {
			if bytes.Contains(data, []byte(word)) {
				found[word] = place
			}
		}
		return err
	}
	layout := build.Layout(r.root, service)
	err := filepath.WalkDir(layout, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		f, err := os.Open(file)
		if err != nil {
			return err
		}
		defer f.Close()
		return look(file, f)
	})
	if err != nil {
		t.Fatal(err)
	}
	index, err := image.Open(layout)
	if err != nil {
		t.Fatal(err)
	}
	defer index.Close()
	for _, img := range index.Images() {
		for i, layer := range img.Layers() {
			err := layer.Walk(func(e image.Entry, content io.Reader) error {
				return look(fmt.Sprintf("layer %d %s", i, e.Path), io.MultiReader(strings.NewReader(e.Path+" "+e.Link+"\n"), content))
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	return found
}
