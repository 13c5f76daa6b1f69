package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"example.com/stagecraft/bare/internal/apt"
	"example.com/stagecraft/bare/internal/say"
)

const binfmt = "/proc/sys/fs/binfmt_misc"

// emulate lets containers of the other platform run, and returns the entry
// that it registered with the kernel, if any.
func emulate(ctx context.Context, tell say.Func) (entry string, err error) {
	e, known := foreign()
	if !known {
		return "", fmt.Errorf("no emulator known for this processor")
	}
	if _, err := os.Stat(binfmt + "/register"); err != nil {
		if err := syscall.Mount("binfmt_misc", binfmt, "binfmt_misc", 0, ""); err != nil {
			return "", fmt.Errorf("mounting binfmt_misc: %w", err)
		}
	}
	if registered(e) {
		return "", nil
	}
	qemu, err := exec.LookPath(e.program)
	if err != nil {
		if err := apt.Install(ctx, []string{"qemu-user-static"}, tell); err != nil {
			return "", err
		}
		// On a system with an init of its own, the package has registered it.
		if registered(e) {
			return "", nil
		}
		if qemu, err = exec.LookPath(e.program); err != nil {
			return "", err
		}
	}
	// F: the kernel opens qemu now, so that containers need no copy of it.
	// P: programs see the name that they were called by.
	name := "stagecraft-" + e.platform
	line := fmt.Sprintf(":%s:M::%s:%s:%s:PF", name, e.magic, e.mask, qemu)
	if err := os.WriteFile(binfmt+"/register", []byte(line), 0o200); err != nil {
		return "", fmt.Errorf("registering %s with the kernel: %w", qemu, err)
	}
	return name, nil
}

// registered reports whether the kernel already knows an emulator for the
// platform, one that it opened beforehand: others do not work in containers.
func registered(e emulator) bool {
	entries, _ := filepath.Glob(binfmt + "/*")
	for _, path := range entries {
		if data, err := os.ReadFile(path); err == nil && e.servedBy(string(data)) {
			return true
		}
	}
	return false
}

// unregister takes back an entry of ours.
func unregister(entry string) error {
	if entry == "" {
		return nil
	}
	err := os.WriteFile(filepath.Join(binfmt, entry), []byte("-1"), 0o200)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("taking back the emulator %s: %w", entry, err)
	}
	return nil
}
