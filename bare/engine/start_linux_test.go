package engine

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

func TestDaemonEnv(t *testing.T) {
	env := daemonEnv([]string{"PATH=/bin", "DOCKER_HOST=tcp://x", "BUILDX_BUILDER=y", "HTTPS_PROXY=p", "NOTIFY_SOCKET=n"}, "/ours")
	if !slices.Contains(env, "HTTPS_PROXY=p") {
		t.Error("the proxy setting was dropped")
	}
	for _, kv := range env {
		if strings.HasPrefix(kv, "DOCKER_") || strings.HasPrefix(kv, "BUILDX_") || strings.HasPrefix(kv, "NOTIFY_") {
			t.Errorf("%s reaches the engine", kv)
		}
		if strings.HasPrefix(kv, "PATH=") && (!strings.HasPrefix(kv, "PATH=/ours:/bin:") || !strings.Contains(kv, ":/usr/sbin:")) {
			t.Errorf("%s: want ours first and the system's programs in it", kv)
		}
	}
}

func TestLastError(t *testing.T) {
	h := Home(t.TempDir())
	for log, want := range map[string]string{
		"":                             "its log is empty",
		"level=info a\nlevel=info b\n": "level=info b",
		"failed to start daemon: x\nlevel=info stopping\n": "failed to start daemon: x",
	} {
		if err := os.WriteFile(h.logFile(), []byte(log), 0o644); err != nil {
			t.Fatal(err)
		}
		if got := h.lastError(); got != want {
			t.Errorf("of %q: %q, want %q", log, got, want)
		}
	}
}

// An engine that ends at once is told with its own words, not after a minute.
func TestStartTellsWhyItEnded(t *testing.T) {
	t.Setenv(programsSetting, "") // its dockerd is a script
	h := Home(t.TempDir())
	if err := os.MkdirAll(h.bin(), 0o755); err != nil {
		t.Fatal(err)
	}
	script := "#!/bin/sh\necho 'failed to start daemon: no space left on device'\nexit 1\n"
	if err := os.WriteFile(filepath.Join(h.bin(), "dockerd"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	_, err := h.start(context.Background())
	if err == nil || !strings.Contains(err.Error(), "no space left on device") || !strings.Contains(err.Error(), h.logFile()) {
		t.Errorf("error %v, want the daemon's words and its log", err)
	}
}

func TestReadRoutesFindsTheWayOut(t *testing.T) {
	routes, err := readRoutes()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range routes {
		if !r.prefix.IsValid() {
			t.Errorf("route %+v", r)
		}
	}
	if n := mtu(); n < 576 || n > 65536 {
		t.Errorf("MTU %d", n)
	}
}

func TestOverlays(t *testing.T) {
	if os.Geteuid() != 0 || capabilities()&needed != needed {
		t.Skip("mounting needs root")
	}
	dir := t.TempDir()
	for _, name := range []string{"lower", "upper", "work", "merged"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if !overlays(dir) {
		t.Skip("this machine's own temporary folder cannot hold overlays")
	}
	merged := filepath.Join(dir, "merged")
	options := "lowerdir=" + dir + "/lower,upperdir=" + dir + "/upper,workdir=" + dir + "/work"
	if err := syscall.Mount("overlay", merged, "overlay", 0, options); err != nil {
		t.Fatal(err)
	}
	defer syscall.Unmount(merged, syscall.MNT_DETACH)
	if overlays(merged) {
		t.Error("an overlay on an overlay passes for one that works")
	}
	if left, _ := os.ReadDir(merged); len(left) != 0 {
		t.Errorf("left by the probe: %v", left)
	}
}
