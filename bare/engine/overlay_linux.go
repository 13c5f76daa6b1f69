package engine

import (
	"os"
	"path/filepath"
	"syscall"
)

// overlays reports whether overlay file systems can be mounted below a folder.
// In a container's own file system, mostly an overlay itself, they cannot.
func overlays(dir string) bool {
	probe, err := os.MkdirTemp(dir, "overlay-")
	if err != nil {
		return true // the work itself will tell what is wrong
	}
	defer os.RemoveAll(probe)
	sub := map[string]string{}
	for _, name := range []string{"lower", "upper", "work", "merged"} {
		sub[name] = filepath.Join(probe, name)
		if os.Mkdir(sub[name], 0o700) != nil {
			return true
		}
	}
	options := "lowerdir=" + sub["lower"] + ",upperdir=" + sub["upper"] + ",workdir=" + sub["work"]
	if syscall.Mount("overlay", sub["merged"], "overlay", 0, options) != nil {
		return false
	}
	return syscall.Unmount(sub["merged"], syscall.MNT_DETACH) == nil
}
