package engine

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Status describes the engine without changing anything.
func (h Home) Status(ctx context.Context) (Status, error) {
	if _, err := os.Stat(string(h)); err != nil {
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
	if err != nil {
		s.Disk.Data = diskUse(h.dataRoot())
		return s, nil
	}
	s.State, s.API = "running", api
	s.Uptime = int64(time.Since(last.Started).Seconds())
	s.Disk.Images, s.Disk.BuildCache, err = engine.usage(ctx)
	return s, err
}

// diskUse sums the blocks of the files below a folder. What is mounted there
// takes its space elsewhere.
func diskUse(dir string) int64 {
	var root, st syscall.Stat_t
	if syscall.Stat(dir, &root) != nil {
		return 0
	}
	var total int64
	filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || syscall.Lstat(path, &st) != nil {
			return nil // deleted meanwhile
		}
		if st.Dev != root.Dev {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		total += st.Blocks * 512
		return nil
	})
	return total
}
