package project

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"example.com/stagecraft/internal/build"
	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/command"
	"example.com/stagecraft/internal/engine"
)

// clone copies the repository's own files, as they are now, to a folder of the test's.
func clone(t *testing.T) Project {
	t.Helper()
	here, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	list, err := command.Command{
		Args: []string{"git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"}, Dir: here, Stderr: t.Output(),
	}.Output(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p := Project{Root: t.TempDir(), Out: io.Discard, Progress: t.Output()}
	for name := range strings.SplitSeq(strings.TrimSuffix(list, "\x00"), "\x00") {
		data, err := os.ReadFile(filepath.Join(here, name))
		if os.IsNotExist(err) { // deleted, but not yet for git
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(filepath.Join(here, name))
		if err != nil {
			t.Fatal(err)
		}
		to := filepath.Join(p.Root, name)
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, data, info.Mode()); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

// edit replaces text in a file, which must have it.
func (p Project) edit(t *testing.T, name, before, after string) {
	t.Helper()
	file := filepath.Join(p.Root, filepath.FromSlash(name))
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(data), before) {
		t.Fatalf("%s has no %q", name, before)
	}
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(string(data), before, after)), 0o644); err != nil {
		t.Fatal(err)
	}
}

func (p Project) read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(p.Root, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// copyService copies a service, which is then another one.
func (p Project) copyService(t *testing.T, from, to string) {
	t.Helper()
	if err := os.CopyFS(filepath.Join(p.Root, "services", to), os.DirFS(filepath.Join(p.Root, "services", from))); err != nil {
		t.Fatal(err)
	}
}

// rendered is a service whose Dockerfile is rendered.
func (p Project) rendered(t *testing.T) catalog.Service {
	t.Helper()
	services, err := catalog.Services(p.Root)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range services {
		if strings.Contains(p.read(t, s.Dir+"/service.yaml"), "dockerfile: rendered") {
			return s
		}
	}
	t.Skip("no service says that its Dockerfile is rendered")
	return catalog.Service{}
}

// golang runs a verb of go in the project, with no engine but a private one; the text is what it writes.
func (p Project) golang(t *testing.T, args ...string) (string, error) {
	t.Helper()
	return p.golangWith(t, "GOWORK=off", args...)
}

func (p Project) golangWith(t *testing.T, workspace string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = p.Root
	cmd.Env = command.Env("STAGECRAFT_ENGINE=private", "GOFLAGS=", workspace)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// The errands of the README, each as it is described there.

func TestErrandCopyAService(t *testing.T) {
	t.Parallel()
	services, err := catalog.Services("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range services {
		sample := s.Name
		t.Run(sample, func(t *testing.T) {
			t.Parallel()
			p := clone(t)
			p.copyService(t, sample, "copy-of-it")
			if err := p.drift(p.catalog); err == nil {
				t.Error("a copied service that was not rendered is no drift")
			}
			if err := p.Render(); err != nil {
				t.Fatal(err)
			}
			if err := p.drift(p.catalog); err != nil {
				t.Errorf("after rendering: %v", err)
			}
			dockerfile := p.read(t, "services/copy-of-it/Dockerfile")
			// Its module, and so its program, keep their names until a person changes them.
			if !strings.Contains(dockerfile, "services/copy-of-it") || strings.Contains(dockerfile, "services/"+sample) {
				t.Errorf("the copy's Dockerfile is not its own:\n%s", dockerfile)
			}
			repository, err := catalog.Load(p.Root)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := build.Select(repository, "copy-of-it", ""); err != nil {
				t.Error(err)
			}
			if err := p.lintDockerfiles(p.catalog); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestErrandBumpABase(t *testing.T) {
	t.Parallel()
	p := clone(t)
	s := p.rendered(t)
	template := "dockerfiles/" + string(s.Language) + ".Dockerfile"
	old, next := regexp.MustCompile("sha256:[0-9a-f]{64}").FindString(p.read(t, template)), "sha256:"+strings.Repeat("1", 64)
	p.edit(t, template, old, next)
	if err := p.drift(p.catalog); err == nil || !strings.Contains(err.Error(), s.Dir+"/Dockerfile") || !strings.Contains(err.Error(), "go tool mage render") {
		t.Errorf("drift is %v, want it to name the file and the command", err)
	}
	if err := p.Render(); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(p.read(t, s.Dir+"/Dockerfile"), next) {
		t.Error("the new base is not in the rendered Dockerfile")
	}
}

func TestErrandEject(t *testing.T) {
	t.Parallel()
	p := clone(t)
	s := p.rendered(t)
	p.edit(t, s.Dir+"/service.yaml", "dockerfile: rendered", "dockerfile: own")
	p.edit(t, s.Dir+"/Dockerfile", "USER 65532:65532", "USER 65533:65533")
	if err := p.Render(); err != nil {
		t.Fatal(err)
	}
	if err := p.drift(p.catalog); err != nil {
		t.Errorf("an own Dockerfile is drift: %v", err)
	}
	if !strings.Contains(p.read(t, s.Dir+"/Dockerfile"), "65533") {
		t.Error("rendering wrote over an own Dockerfile")
	}
}

// TestWithoutBare removes the folder bare/: everything else must do without it.
func TestWithoutBare(t *testing.T) {
	t.Parallel()
	p := clone(t)
	if err := os.RemoveAll(filepath.Join(p.Root, "bare")); err != nil {
		t.Fatal(err)
	}
	if out, err := p.golang(t, "vet", "-tags=mage", "./..."); err != nil {
		t.Errorf("go vet: %v\n%s", err, out)
	}
	out, err := p.golang(t, "tool", "mage", "build")
	if err == nil {
		t.Fatalf("a build without an engine passes:\n%s", out)
	}
	if !strings.Contains(out, engine.ErrNoPrivate.Error()) || strings.Contains(out, "goroutine") {
		t.Errorf("mage build says:\n%s\nwant one clear message: %v", out, engine.ErrNoPrivate)
	}
}

// TestWithoutSamples is what a team does first. One service of its own takes the place of all samples, or nothing does yet; the
// examples go. Whatever needs what was deleted is skipped, and nothing fails.
func TestWithoutSamples(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("compiles tests of a copy; leave out -short to run it")
	}
	for name, own := range map[string]string{"one service of its own": "greeter", "nothing yet": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := clone(t)
			repository, err := catalog.Load(p.Root)
			if err != nil {
				t.Fatal(err)
			}
			if own != "" {
				p.copyService(t, repository.Services[0].Name, own)
			}
			gone := []string{"examples"}
			for _, s := range repository.Services {
				gone = append(gone, s.Dir)
			}
			for _, dir := range gone {
				if err := os.RemoveAll(filepath.Join(p.Root, filepath.FromSlash(dir))); err != nil {
					t.Fatal(err)
				}
			}
			if err := p.Render(); err != nil {
				t.Fatal(err)
			}
			if err := p.lintDockerfiles(p.catalog); err != nil {
				t.Error(err)
			}
			if err := p.checkDocs(build.Result{}); err != nil {
				t.Errorf("rows of services that were deleted: %v", err)
			}
			// The tests ask git which files there are.
			if err := (command.Command{Args: []string{"git", "init", "-q"}, Dir: p.Root, Stderr: t.Output()}).Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			if out, err := p.golang(t, "test", "-short", "./internal/...", "./cmd/...", "./integration/..."); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// Deleting one sample, or the examples, needs no more than to render again.
func TestWithoutOneSample(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("compiles the magefile of copies; leave out -short to run it")
	}
	repository, err := catalog.Load("../..")
	if err != nil {
		t.Fatal(err)
	}
	gone := []string{"examples"}
	for _, s := range repository.Services {
		gone = append(gone, s.Dir)
	}
	for _, dir := range gone {
		t.Run(dir, func(t *testing.T) {
			t.Parallel()
			p := clone(t)
			_, notGo := os.Stat(filepath.Join(p.Root, filepath.FromSlash(dir), "go.mod"))
			if err := os.RemoveAll(filepath.Join(p.Root, filepath.FromSlash(dir))); err != nil {
				t.Fatal(err)
			}
			if notGo != nil {
				if err := errors.Join(p.Render(), p.drift(p.catalog), p.lintDockerfiles(p.catalog)); err != nil {
					t.Error(err)
				}
				return
			}
			// The workspace lists a folder that is gone: the go command stops, and the README has the command that fixes it.
			workspace := "GOWORK=" + filepath.Join(p.Root, "go.work")
			if out, err := p.golangWith(t, workspace, "tool", "mage", "-l"); err == nil || !strings.Contains(out, dir) {
				t.Errorf("without rendering: %v\n%s", err, out)
			}
			if out, err := p.golang(t, "tool", "mage", "render"); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			if err := errors.Join(p.drift(p.catalog), p.lintDockerfiles(p.catalog)); err != nil {
				t.Error(err)
			}
			if out, err := p.golangWith(t, workspace, "tool", "mage", "-l"); err != nil {
				t.Errorf("in the workspace: %v\n%s", err, out)
			}
		})
	}
}
