// Package lock lets one command at a time do a piece of work.
package lock

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Take takes the file as a lock and returns what gives it back. The kernel
// frees it when the holder dies. wait, if not nil, is called once when
// somebody else holds it. An interrupted command gets no lock, not even a free
// one: nobody wants its work any more.
func Take(ctx context.Context, path string, wait func()) (unlock func(), err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("making the folder of the lock %s: %w", path, err)
	}
	for {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
		if err != nil {
			return nil, fmt.Errorf("opening the lock %s: %w", path, err)
		}
		for {
			if ctx.Err() != nil {
				f.Close()
				return nil, fmt.Errorf("waiting for the lock %s: interrupted; run the same command again", path)
			}
			err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
			if errors.Is(err, syscall.EWOULDBLOCK) {
				if wait != nil {
					wait()
					wait = nil
				}
				select {
				case <-ctx.Done():
				case <-time.After(100 * time.Millisecond):
				}
				continue
			}
			if !errors.Is(err, syscall.EINTR) {
				break
			}
		}
		if err != nil {
			f.Close()
			return nil, fmt.Errorf("locking %s: %w", path, err)
		}
		// Whoever held it may have removed the file: then this lock is of a
		// file that nobody else can see.
		if there, err := os.Stat(path); err == nil {
			if mine, err := f.Stat(); err == nil && os.SameFile(there, mine) {
				return func() { f.Close() }, nil
			}
		}
		f.Close()
	}
}
