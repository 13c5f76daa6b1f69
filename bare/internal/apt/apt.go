// Package apt installs Debian packages, with the system's own apt-get.
package apt

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"example.com/stagecraft/bare/internal/lock"
	"example.com/stagecraft/bare/internal/say"
)

var lockFile = "/run/stagecraft-apt.lock"

// Install installs packages, as the person who runs us: root.
func Install(ctx context.Context, names []string, tell say.Func) error {
	if len(names) == 0 {
		return nil
	}
	list := strings.Join(names, " ")
	if _, err := exec.LookPath("apt-get"); err != nil {
		return fmt.Errorf("installing %s: this system has no apt-get; install the equivalents of these Debian packages, then run the same command again", list)
	}
	// apt waits for other users of dpkg, but not for those of its package lists.
	unlock, err := lock.Take(ctx, lockFile, nil)
	if err != nil {
		return err
	}
	defer unlock()
	tell("installing Debian packages: %s", list)
	stop := tell.Every(10*time.Second, "installing Debian packages")
	defer stop()
	install := append([]string{"install", "--yes", "--no-install-recommends"}, names...)
	if aptGet(ctx, install...) == nil {
		return nil
	}
	// Fresh containers have no package lists, old ones have stale lists.
	if err := aptGet(ctx, "update"); err != nil {
		return err
	}
	return aptGet(ctx, install...)
}

func aptGet(ctx context.Context, args ...string) error {
	// Others may be using apt as well: wait for them.
	args = append([]string{"-o", "DPkg::Lock::Timeout=300", "--quiet"}, args...)
	cmd := exec.CommandContext(ctx, "apt-get", args...)
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8")
	// Killed, apt would leave packages half-installed.
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = time.Minute
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("running apt-get %s: %s (%w); run it yourself to see all of it", strings.Join(args[3:], " "), FirstError(out), err)
	}
	return nil
}

// FirstError returns the first error line of what apt said, since the ones after
// it are consequences, and why the first download failed, if one did.
func FirstError(out []byte) string {
	lines := strings.Split(string(out), "\n")
	first, why := "", ""
	for i, line := range lines {
		if first == "" && strings.HasPrefix(line, "E: ") {
			first = line
		}
		if why == "" && strings.HasPrefix(line, "Err:") && i+1 < len(lines) {
			why = strings.Join(strings.Fields(lines[i+1]), " ")
		}
	}
	switch {
	case first == "":
		return say.LastLine(out)
	case why == "" || strings.Contains(strings.Join(strings.Fields(first), " "), why):
		return first
	}
	return strings.TrimSuffix(first, ".") + ": " + why
}
