package build

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

// work makes a folder for one build, which done removes. What killed builds left goes at the same time: their folders are
// those that nobody holds.
func (o outputs) work() (dir string, done func(), err error) {
	var held *flock.Flock
	err = o.alone(func(parent string) error {
		clearAway(parent)
		if dir, err = os.MkdirTemp(parent, "build-*"); err != nil {
			return err
		}
		held = flock.New(dir + ".lock")
		return held.Lock()
	})
	if err != nil {
		return "", nil, fmt.Errorf("make a folder for the build: %w", err)
	}
	return dir, func() {
		// Nothing depends on it: what stays is cleared away by the next build.
		_ = os.RemoveAll(dir)
		_ = held.Close()
		_ = os.Remove(held.Path())
	}, nil
}

// clear removes what killed builds left.
func (o outputs) clear() error {
	err := o.alone(func(parent string) error {
		clearAway(parent)
		return nil
	})
	if err != nil {
		return fmt.Errorf("clear away what killed builds left: %w", err)
	}
	return nil
}

// alone gives do the folder of all builds' folders while no other build makes or removes one: between its making and its lock, a
// folder would look like one that was left.
func (o outputs) alone(do func(parent string) error) (err error) {
	parent := filepath.Join(o.dir, "work")
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return err
	}
	all := flock.New(filepath.Join(o.dir, "work.lock"))
	if err := all.Lock(); err != nil {
		return fmt.Errorf("wait for another build: %w", err)
	}
	defer func() { err = errors.Join(err, all.Close()) }()
	return do(parent)
}

// clearAway removes the folders of builds that have ended.
func clearAway(parent string) {
	locks, _ := filepath.Glob(filepath.Join(parent, "build-*.lock"))
	for _, name := range locks {
		lock := flock.New(name)
		if free, err := lock.TryLock(); err != nil || !free {
			continue
		}
		_ = os.RemoveAll(name[:len(name)-len(".lock")])
		_ = lock.Close()
		_ = os.Remove(name)
	}
}
