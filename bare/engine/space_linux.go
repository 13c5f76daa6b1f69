package engine

import (
	"fmt"
	"syscall"

	"example.com/stagecraft/bare/internal/say"
)

// compileSpace is what compiling takes at its peak, Go's caches included.
const compileSpace = 4e9

// enoughSpace is asked first: a disk that fills up half-way costs minutes.
func enoughSpace(dir string, need int64) error {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil {
		return fmt.Errorf("asking for the free space of %s: %w", dir, err)
	}
	if free := int64(fs.Bavail) * fs.Bsize; free < need {
		return fmt.Errorf("compiling the engine in %s: %s free, %s needed; free some space, or set STAGECRAFT_HOME to a folder on a larger disk", dir, say.Size(free), say.Size(need))
	}
	return nil
}
