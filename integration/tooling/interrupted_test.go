package tooling

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"example.com/stagecraft/internal/build"
	"example.com/stagecraft/internal/image"
	"example.com/stagecraft/internal/project"
)

const (
	// builderVariable makes this test's program build services of the repository that it names instead of testing.
	builderVariable = "STAGECRAFT_TEST_BUILD"
	// readyVariable names a file that it makes when it can be interrupted.
	readyVariable = "STAGECRAFT_TEST_READY"
)

// TestHelperBuild is no test: it is the build that others start, and end.
func TestHelperBuild(*testing.T) {
	root := os.Getenv(builderVariable)
	if root == "" {
		return
	}
	p := project.Project{Root: root, Out: os.Stdout, Progress: os.Stderr}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	if err := os.WriteFile(os.Getenv(readyVariable), nil, 0o600); err != nil {
		fmt.Println("Error:", err)
		os.Exit(1)
	}
	err := p.Build(ctx, os.Getenv("SERVICES"), "")
	stop()
	if err != nil {
		fmt.Println("Error:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// repository is a copy of this one, whose sources tests change.
type repository struct {
	root     string
	services string
	changes  int
}

func newRepository(t *testing.T, services string) *repository {
	t.Helper()
	root := checkout(t, open(t).root)
	samples(t, root, services)
	return &repository{root: root, services: services}
}

// change changes a line of hello-c.
func (r *repository) change(t *testing.T) {
	t.Helper()
	r.changes++
	file, err := os.OpenFile(filepath.Join(r.root, "services", "hello-c", "src", "routes.c"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := fmt.Fprintf(file, "\n__attribute__((constructor)) static void changed_%[1]d(void) { static volatile int number = %[1]d; number++; }\n", r.changes); err != nil {
		t.Fatal(err)
	}
}

// start starts a build, which can be interrupted from then on; said is what it writes.
func (r *repository) start(t *testing.T) (cmd *exec.Cmd, said *strings.Builder) {
	t.Helper()
	said = &strings.Builder{}
	cmd = exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestHelperBuild$")
	ready := filepath.Join(t.TempDir(), "ready")
	cmd.Env = append(os.Environ(), builderVariable+"="+r.root, readyVariable+"="+ready, "SERVICES="+r.services)
	cmd.Stdout, cmd.Stderr = said, said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for range 3000 {
		if _, err := os.Stat(ready); err == nil {
			return cmd, said
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("a build did not begin within 30 s")
	return nil, nil
}

func (r *repository) build(t *testing.T) {
	t.Helper()
	cmd, said := r.start(t)
	if err := cmd.Wait(); err != nil {
		t.Fatalf("build: %v\n%s", err, said)
	}
}

// whole is the digest of a service's layout, every layer of which was read and every blob compared with its digest.
func (r *repository) whole(t *testing.T, service string) string {
	t.Helper()
	dir := build.Layout(r.root, service)
	index, err := image.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer index.Close()
	for _, i := range index.Images() {
		if _, err := i.Size(); err != nil {
			t.Fatalf("the layout of %s is damaged: %v", service, err)
		}
	}
	blobs, err := filepath.Glob(filepath.Join(dir, "blobs", "sha256", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, blob := range blobs {
		data, err := os.ReadFile(blob)
		if err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != filepath.Base(blob) {
			t.Fatalf("the layout of %s is damaged: %s is not what its name says", service, blob)
		}
	}
	return index.Digest().String()
}

// leftovers are the folders of builds that ended without removing theirs.
func (r *repository) leftovers(t *testing.T) (found []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(r.root, "out", "work"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	for _, e := range entries {
		found = append(found, e.Name())
	}
	return found
}

// TestEndedBuilds: a build that is interrupted or killed, whenever that is, leaves the last good image, and the next one
// works and clears away what is left.
func TestEndedBuilds(t *testing.T) {
	r := newRepository(t, "hello-c")
	r.build(t)
	good := r.whole(t, "hello-c")
	begin := time.Now()
	r.change(t)
	r.build(t)
	usual := time.Since(begin)
	if now := r.whole(t, "hello-c"); now == good {
		t.Fatal("the change of a line changed nothing: what follows would say nothing")
	} else {
		good = now
	}
	const moments = 4
	for i := range moments {
		end := []os.Signal{syscall.SIGINT, os.Kill}[i%2]
		after := usual * time.Duration(2*i+1) / (2 * moments)
		t.Run(fmt.Sprintf("%v at %d of %d", end, i+1, moments), func(t *testing.T) {
			r.change(t)
			cmd, said := r.start(t)
			time.Sleep(after)
			if err := cmd.Process.Signal(end); err != nil && !errors.Is(err, os.ErrProcessDone) {
				t.Fatal(err)
			}
			err := cmd.Wait()
			now := r.whole(t, "hello-c")
			if err != nil && now == good && end == syscall.SIGINT && !strings.Contains(said.String(), "interrupted") {
				t.Errorf("nothing is said of the interruption:\n%s", said)
			}
			r.build(t)
			next := r.whole(t, "hello-c")
			if next == good {
				t.Error("the build after it did not build the change")
			}
			// What is late finds the new image published already.
			if now != good && now != next {
				t.Error("the ended build left an image that is neither the last good one nor the next")
			}
			good = next
			if left := r.leftovers(t); len(left) > 0 {
				t.Errorf("out/work has %v", left)
			}
		})
	}
}

// TestBuildsAtOnce: builds of the same services at the same time do not disturb each other.
func TestBuildsAtOnce(t *testing.T) {
	r := newRepository(t, "hello-c,hello-go")
	r.build(t)
	before := []string{r.whole(t, "hello-c"), r.whole(t, "hello-go")}
	r.change(t)
	first, firstSaid := r.start(t)
	second, secondSaid := r.start(t)
	if err := errors.Join(first.Wait(), second.Wait()); err != nil {
		t.Fatalf("%v\nfirst:\n%s\nsecond:\n%s", err, firstSaid, secondSaid)
	}
	after := []string{r.whole(t, "hello-c"), r.whole(t, "hello-go")}
	if after[0] == before[0] || after[1] != before[1] {
		t.Errorf("only hello-c was changed: digests before %v, after %v", before, after)
	}
	cmd, said := r.start(t)
	if err := cmd.Wait(); err != nil || !strings.Contains(said.String(), "nothing changed") {
		t.Errorf("a third build should find nothing to do: %v\n%s", err, said)
	}
	if left := r.leftovers(t); len(left) > 0 {
		t.Errorf("out/work has %v", left)
	}
	if !slices.Equal(after, []string{r.whole(t, "hello-c"), r.whole(t, "hello-go")}) {
		t.Error("the third build replaced a layout")
	}
}
