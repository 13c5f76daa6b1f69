package bases

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"example.com/stagecraft/bare/internal/lock"
	"example.com/stagecraft/bare/internal/say"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sync/errgroup"
)

// Store is the folder of finished stand-ins.
type Store string

// Want is what is asked of a stand-in.
type Want struct {
	All   bool      // for all platforms, which an emulator must be there to assemble
	Since time.Time // one that was assembled before is assembled again: Debian may have newer packages
}

// Week is how long a stand-in is used before it is assembled again.
const Week = 7 * 24 * time.Hour

// Assemble returns, by reference, the named contexts that replace the images.
// What is there already takes milliseconds. Stand-ins run on this machine's
// platform, unless more is wanted.
func (s Store) Assemble(ctx context.Context, refs []string, want Want, tell say.Func) (map[string]string, error) {
	for _, ref := range refs {
		if _, _, err := find(ref); err != nil {
			return nil, err // before minutes of work on the others
		}
	}
	if err := trust(); err != nil {
		return nil, err
	}
	defer tell.Every(10*time.Second, "assembling stand-ins")()
	found := make([]string, len(refs))
	work, ctx := errgroup.WithContext(ctx)
	for i, ref := range refs {
		work.Go(func() (err error) {
			found[i], err = s.one(ctx, ref, want, tell)
			return err
		})
	}
	if err := work.Wait(); err != nil {
		return nil, err
	}
	contexts := map[string]string{}
	for i, ref := range refs {
		contexts[ref] = found[i]
	}
	return contexts, nil
}

// one returns the named context for one reference.
func (s Store) one(ctx context.Context, ref string, want Want, tell say.Func) (string, error) {
	name, r, err := find(ref)
	if err != nil {
		return "", err
	}
	if _, digest, pinned := strings.Cut(ref, "@"); pinned && digest != r.digest {
		tell("note: the stand-in for %s has what an earlier image of that name had (%s)", ref, r.title)
	}
	dir, err := s.ensure(ctx, name, r, want, tell)
	if err != nil {
		return "", err
	}
	digest, err := readDigest(dir)
	if err != nil {
		return "", fmt.Errorf("reading the stand-in for %s: %w; delete %s and run the same command again", name, err, dir)
	}
	return fmt.Sprintf("oci-layout://%s@%s", dir, digest), nil
}

// ensure returns the folder of a stand-in, made now if it is not there or too
// old. Where the network is gone, an old one is better than none.
func (s Store) ensure(ctx context.Context, name string, r recipe, want Want, tell say.Func) (string, error) {
	dir := s.dir(name, r, want.All)
	made := assembled(dir)
	if made.After(want.Since) {
		return dir, nil
	}
	err := s.assemble(ctx, name, r, want, dir, tell)
	if err != nil && !made.IsZero() && ctx.Err() == nil {
		tell("note: the stand-in for %s of %s is used, because it could not be assembled again: %v", name, made.Format(time.DateOnly), err)
		return dir, nil
	}
	return dir, err
}

// assembled is when a stand-in was; zero when it is not there.
func assembled(dir string) time.Time {
	info, err := os.Stat(filepath.Join(dir, ocispec.ImageIndexFile))
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}

// assemble makes a stand-in unless another command does meanwhile.
func (s Store) assemble(ctx context.Context, name string, r recipe, want Want, dir string, tell say.Func) error {
	if runtime.GOOS != "linux" || os.Geteuid() != 0 {
		return fmt.Errorf("assembling a stand-in for %s: that needs root on Linux; let an image registry be reached instead (STAGECRAFT_BASES=official, STAGECRAFT_REGISTRY=MIRROR)", name)
	}
	unlock, err := lock.Take(ctx, dir+".lock", func() { tell("waiting for %s, which is being assembled", name) })
	if err != nil {
		return err
	}
	defer unlock()
	if assembled(dir).After(want.Since) {
		return nil
	}
	start := time.Now()
	tell("assembling a stand-in for %s: %s", name, r.title)
	if err = s.build(ctx, name, r, want, dir, tell); err != nil {
		if errors.Is(ctx.Err(), context.Canceled) {
			return fmt.Errorf("assembling a stand-in for %s: interrupted; run the same command again", name)
		}
		return fmt.Errorf("assembling a stand-in for %s: %w", name, err)
	}
	tell("assembled %s in %s", name, time.Since(start).Round(time.Second))
	return nil
}

// build writes the layout next to its place and then puts it there: what has
// the final name is whole.
func (s Store) build(ctx context.Context, name string, r recipe, want Want, dir string, tell say.Func) error {
	temp := dir + ".new"
	if err := os.RemoveAll(temp); err != nil { // of a run that was killed
		return err
	}
	defer os.RemoveAll(temp)
	l, err := newLayout(temp)
	if err != nil {
		return err
	}
	var images []ocispec.Descriptor
	for _, arch := range r.arches(want.All) {
		b := &builder{ctx: ctx, store: s, layout: l, tell: tell}
		if r.on != "" && (want.All || arch == runtime.GOARCH) {
			if err := b.reuse(r.on, arch, want); err != nil {
				return err
			}
		}
		if err := r.layers(b, arch); err != nil {
			return err
		}
		image, err := l.image(name, r, arch, b.layers)
		if err != nil {
			return err
		}
		images = append(images, image)
	}
	if _, err := l.index(images); err != nil {
		return err
	}
	return l.replace(dir)
}

// dir is a stand-in's place: its name, and a sum of what it is made of.
func (s Store) dir(name string, r recipe, all bool) string {
	made := fmt.Appendln(nil, version, runtime.GOARCH, r.title, r.env)
	if all {
		made = fmt.Appendln(made, "all platforms")
	}
	sum := sha256.Sum256(made)
	return filepath.Join(string(s), strings.NewReplacer(":", "-", "/", "-").Replace(name)+"-"+hex.EncodeToString(sum[:4]))
}

// Remove deletes all stand-ins, and the folder above when nothing else is in it.
func (s Store) Remove() error {
	if err := os.RemoveAll(string(s)); err != nil {
		return fmt.Errorf("removing the stand-ins: %w", err)
	}
	os.Remove(filepath.Dir(string(s)))
	return nil
}
