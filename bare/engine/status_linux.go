package engine

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Status describes the engine without changing anything.
func (h Home) Status(ctx context.Context) (Status, error) {
	if h.absent() {
		return Status{State: "absent"}, nil
	}
	last := h.readState()
	s := Status{State: "stopped", Host: h.Host(), Version: last.Version}
	if s.Version == "" {
		s.Version = mobyVersion()
	}
	s.Disk.Programs = diskUse(h.programs())
	engine := dial(h.socket())
	api, err := engine.ping(ctx)
	if err == nil {
		s.State, s.API = "running", api
		s.Disk.CacheLimit = buildCacheLimit
		if !last.Started.IsZero() { // the file may be lost, or older than this start
			s.Uptime = int64(time.Since(last.Started).Seconds())
		}
		s.Disk.Images, s.Disk.BuildCache, err = engine.usage(ctx)
		return s, err
	}
	s.Disk.Data = diskUse(h.dataRoot())
	return s, nil
}

// absent tells that there never was an engine, or that it was removed.
func (h Home) absent() bool {
	_, err := os.Stat(string(h))
	return errors.Is(err, fs.ErrNotExist)
}

// diskUse sums the blocks of the files below a folder. What is mounted there
// takes its space elsewhere.
func diskUse(dir string) int64 {
	var root, st syscall.Stat_t
	if syscall.Stat(dir, &root) != nil {
		return 0
	}
	var total int64
	// Files come and go while we look: what cannot be read is left out.
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, _ error) error {
		if syscall.Lstat(path, &st) == nil {
			if st.Dev == root.Dev {
				total += st.Blocks * 512
			} else if d.IsDir() {
				return fs.SkipDir
			}
		}
		return nil
	})
	return total
}
