package tooling

import (
	"io"
	"log"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/registry"

	"example.com/stagecraft/integration/authority"
	"example.com/stagecraft/internal/build"
	"example.com/stagecraft/internal/engine"
)

// TestRemoteBuilder builds on another machine, as docs/builders.md shows it: a BuildKit that is reached over TCP, where both
// sides show a certificate, and a registry that carries the cache from one such machine to the next. No engine is needed.
func TestRemoteBuilder(t *testing.T) {
	lab := open(t)
	bareMachine(t, lab.root)
	found := lab.engine
	var made struct{ Programs, Runc string }
	if err := engine.NewBare(lab.root).Run(t.Context(), t.Output(), &made, "buildkit"); err != nil {
		t.Fatal(err)
	}
	t.Setenv("BUILDX_CONFIG", t.TempDir()) // the user's own builders stay as they are
	t.Setenv("BUILDKIT_PROGRESS", "plain") // every step is shown, with what it wrote
	none := &engine.Engine{Buildx: found.Buildx}
	ours, theirs := authority.New(t), authority.New(t)
	ours.Issue(t, "daemon")
	ours.Issue(t, "client")
	theirs.Issue(t, "client")
	if err := os.WriteFile(theirs.Bundle(), read(t, ours.Bundle()), 0o600); err != nil {
		t.Fatal(err)
	}
	store := httptest.NewServer(registry.New(registry.WithBlobHandler(registry.NewDiskBlobHandler(t.TempDir())),
		registry.Logger(log.New(io.Discard, "", 0))))
	t.Cleanup(store.Close)
	setting := func(name string) string {
		_, value, _ := strings.Cut(documented(t, "export "+name+"=", "registry.example.com", strings.TrimPrefix(store.URL, "http://"))[1], "=")
		return strings.Trim(value, "'")
	}

	first := startDaemon(t, made.Programs, made.Runc, ours)
	create(t, found, "first", first, ours)
	root := checkout(t, lab.root)
	sel := chosen(t, root)
	t.Setenv(build.CacheToSetting, setting(build.CacheToSetting))
	var said strings.Builder
	b, err := build.New(t.Context(), root, none, "first", &said)
	if err != nil {
		t.Fatal(err)
	}
	bake(t, b, root, lab.root, sel)
	if want := "no engine runs here: hello-go is in "; !strings.Contains(said.String(), want) {
		t.Errorf("it is not said that %q", want)
	}
	if len(executed(said.String())) == 0 {
		t.Error("a build from nothing executed nothing: this test proves nothing")
	}

	second := startDaemon(t, made.Programs, made.Runc, ours)
	create(t, found, "second", second, ours)
	t.Setenv(build.CacheToSetting, "")
	t.Setenv(build.CacheFromSetting, setting(build.CacheFromSetting))
	root = checkout(t, lab.root)
	said.Reset()
	if b, err = build.New(t.Context(), root, none, "second", &said); err != nil {
		t.Fatal(err)
	}
	bake(t, b, root, lab.root, sel)
	if again := executed(said.String()); len(again) > 0 || !strings.Contains(said.String(), " CACHED\n") {
		t.Errorf("the cache has every step, and these were executed again: %q\n%s", again, said.String())
	}

	remove := documented(t, "docker buildx rm ", "team", "second")[2:]
	if out, err := exec.Command(found.Buildx[0], slices.Concat(found.Buildx[1:], remove)...).CombinedOutput(); err != nil {
		t.Errorf("%v: %v\n%s", remove, err, out)
	}
	for name, fault := range map[string]struct {
		address string
		trust   *authority.Authority
		says    string
	}{
		"stranger": {first, theirs, "remote error: tls: "},
		"dead":     {"tcp://127.0.0.1:1", ours, "connection refused"},
		"unknown":  {"", ours, `find the builder unknown: no builder "unknown" found`},
	} {
		t.Run(name, func(t *testing.T) {
			if fault.address != "" {
				create(t, found, name, fault.address, fault.trust)
			}
			_, err := build.New(t.Context(), root, none, name, t.Output())
			if err == nil || !strings.Contains(err.Error(), fault.says) || strings.Contains(err.Error(), "\n") {
				t.Fatalf("error is %v, want one line with %q", err, fault.says)
			}
			t.Log(err)
		})
	}
}

// startDaemon starts a BuildKit that has nothing yet, and is where it listens.
func startDaemon(t *testing.T, programs, runc string, trust *authority.Authority) (address string) {
	t.Helper()
	root := t.TempDir()
	address = "tcp://127.0.0.1:" + freePort(t)
	written, err := os.Create(filepath.Join(root, "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer written.Close()
	config := filepath.Join(root, "buildkitd.toml")
	if err := os.WriteFile(config, nil, 0o600); err != nil { // this machine's own is not for this one
		t.Fatal(err)
	}
	certificates := []string{"tcp://0.0.0.0:1234", address}
	for _, name := range []string{"ca.pem", "daemon.pem", "daemon.key"} {
		certificates = append(certificates, name, filepath.Join(trust.Dir, name))
	}
	args := slices.Concat(documented(t, "buildkitd ", certificates...)[1:],
		[]string{"--config=" + config, "--root=" + filepath.Join(root, "state"), "--oci-worker=true", "--oci-worker-binary=" + runc})
	daemon := exec.Command(filepath.Join(programs, "buildkitd"), args...)
	daemon.Env = append(os.Environ(), "TMPDIR="+root) // where it mounts what it looks into
	daemon.Stdout, daemon.Stderr = written, written
	if err := daemon.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = daemon.Process.Signal(syscall.SIGTERM)
		_ = daemon.Wait()
		if t.Failed() {
			t.Logf("%s wrote:\n%s", address, read(t, written.Name()))
		}
	})
	return address
}

// create makes a builder of a daemon, and waits until it is reached, unless it never will be.
func create(t *testing.T, e *engine.Engine, name, address string, trust *authority.Authority) {
	t.Helper()
	buildx := func(args ...string) string {
		out, err := exec.Command(e.Buildx[0], slices.Concat(e.Buildx[1:], args)...).CombinedOutput()
		if err != nil {
			t.Fatalf("buildx %v: %v\n%s", args, err, out)
		}
		return string(out)
	}
	buildx(documented(t, "docker buildx create ", "team", name, "$PWD", trust.Dir, "tcp://build.example.com:1234", address)[2:]...)
	if name == "stranger" || name == "dead" {
		return
	}
	for deadline := time.Now().Add(time.Minute); !strings.Contains(buildx("inspect", name), "running"); time.Sleep(200 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s does not answer at %s", name, address)
		}
	}
}

// documented is a command of docs/builders.md as words, with what is made up there replaced: what a team reads is what is tried.
func documented(t *testing.T, begins string, replace ...string) []string {
	t.Helper()
	for line := range strings.Lines(string(read(t, filepath.Join("..", "..", "docs", "builders.md")))) {
		if command, ok := strings.CutPrefix(line, "    "); ok && strings.HasPrefix(command, begins) {
			words := strings.Fields(command)
			for i, word := range words {
				words[i] = strings.NewReplacer(replace...).Replace(word)
			}
			return words
		}
	}
	t.Fatalf("docs/builders.md has no command that begins with %q", begins)
	return nil
}

// The plain progress of buildx numbers the steps: "#9 [build 3/4] RUN …", and later "#9 DONE 1.2s" or "#9 CACHED".
var (
	runStep  = regexp.MustCompile(`(?m)^#(\d+) \[.*\] RUN `)
	stepDone = regexp.MustCompile(`(?m)^#(\d+) DONE `)
)

// executed lists the numbers of the RUN steps that ran: a step from the cache is CACHED and never DONE.
func executed(progress string) (steps []string) {
	done := map[string]bool{}
	for _, match := range stepDone.FindAllStringSubmatch(progress, -1) {
		done[match[1]] = true
	}
	for _, match := range runStep.FindAllStringSubmatch(progress, -1) {
		if done[match[1]] && !slices.Contains(steps, match[1]) {
			steps = append(steps, match[1])
		}
	}
	return steps
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
