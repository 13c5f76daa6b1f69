package engine

import (
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/stagecraft/internal/catalog"
)

// fakeEngine answers as an engine does whose /info holds driverStatus, and gives its DOCKER_HOST.
func fakeEngine(t *testing.T, driverStatus string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Api-Version", "1.56")
		w.Header().Set("Content-Type", "application/json")
		if strings.HasSuffix(r.URL.Path, "/info") {
			fmt.Fprintf(w, `{"Driver": "overlay2", "DriverStatus": %s}`, driverStatus)
		}
	}))
	t.Cleanup(server.Close)
	return "tcp://" + server.Listener.Addr().String()
}

// alone gives the test an environment that names no engine, a default address where none answers, and a buildx.
func alone(t *testing.T) {
	t.Helper()
	for _, name := range []string{"DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CERT_PATH", "DOCKER_TLS_VERIFY", "DOCKER_API_VERSION", Setting} {
		t.Setenv(name, "")
	}
	t.Setenv("DOCKER_CONFIG", t.TempDir())
	setDefault(t, "unix://"+filepath.Join(t.TempDir(), "none.sock"))
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "buildx"), []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+":/bin")
}

func setDefault(t *testing.T, host string) {
	t.Helper()
	old := defaultHost
	defaultHost = host
	t.Cleanup(func() { defaultHost = old })
}

// socket makes one at docker's default address, where nobody answers. Closed, it leaves its file.
func socket(t *testing.T) net.Listener {
	t.Helper()
	dir, err := os.MkdirTemp("", "engine") //nolint:usetesting // t.TempDir is too long for a socket on some systems
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "s")
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "unix", file)
	if err != nil {
		t.Fatal(err)
	}
	listener.(*net.UnixListener).SetUnlinkOnClose(false)
	t.Cleanup(func() {
		_ = listener.Close()
		_ = os.RemoveAll(dir)
	})
	setDefault(t, "unix://"+file)
	return listener
}

// useContext writes docker's settings as `docker context use name` does.
func useContext(t *testing.T, name, host string) {
	t.Helper()
	meta := filepath.Join(os.Getenv("DOCKER_CONFIG"), "contexts", "meta", fmt.Sprintf("%x", sha256.Sum256([]byte(name))))
	for file, content := range map[string]string{
		filepath.Join(os.Getenv("DOCKER_CONFIG"), "config.json"): fmt.Sprintf(`{"currentContext": %q}`, name),
		filepath.Join(meta, "meta.json"):                         fmt.Sprintf(`{"Name": %q, "Endpoints": {"docker": {"Host": %q}}}`, name, host),
	} {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

const dead = "tcp://127.0.0.1:1"

func TestFind(t *testing.T) {
	tests := map[string]struct {
		set  func(t *testing.T, alive string)
		want string // host; empty: an error
		says []string
	}{
		"DOCKER_HOST": {
			set:  func(t *testing.T, alive string) { t.Setenv("DOCKER_HOST", alive) },
			want: "alive",
		},
		"DOCKER_HOST is dead: no fallback": {
			set: func(t *testing.T, alive string) {
				t.Setenv("DOCKER_HOST", dead)
				setDefault(t, alive)
			},
			says: []string{dead, "DOCKER_HOST", "unset DOCKER_HOST"},
		},
		"DOCKER_HOST over ssh": {
			set:  func(t *testing.T, _ string) { t.Setenv("DOCKER_HOST", "ssh://build@example.com") },
			says: []string{"ssh -L"},
		},
		"a docker context": {
			set:  func(t *testing.T, alive string) { useContext(t, "work", alive) },
			want: "alive",
		},
		"a docker context is dead: no fallback": {
			set: func(t *testing.T, alive string) {
				useContext(t, "work", dead)
				setDefault(t, alive)
			},
			says: []string{dead, "docker context work"},
		},
		"a docker context that is not there": {
			set:  func(t *testing.T, _ string) { t.Setenv("DOCKER_CONTEXT", "gone") },
			says: []string{`docker context "gone"`, "docker context use"},
		},
		"DOCKER_HOST wins over a context": {
			set: func(t *testing.T, alive string) {
				t.Setenv("DOCKER_HOST", alive)
				useContext(t, "work", dead)
			},
			want: "alive",
		},
		"the default address": {
			set:  func(t *testing.T, alive string) { setDefault(t, alive) },
			want: "alive",
		},
		"the default address with the private engine off": {
			set: func(t *testing.T, alive string) {
				t.Setenv(Setting, "off")
				setDefault(t, alive)
			},
			want: "alive",
		},
		"nothing, and the private engine off": {
			set:  func(t *testing.T, _ string) { t.Setenv(Setting, "off") },
			says: []string{"no container engine answers", Setting + "=off", "DOCKER_HOST"},
		},
		"nothing, and no bare/": {
			set:  func(*testing.T, string) {},
			says: []string{ErrNoPrivate.Error()},
		},
		"one at the default address that is slow: no fallback": {
			set: func(t *testing.T, _ string) {
				patience = 200 * time.Millisecond
				t.Cleanup(func() { patience = 5 * time.Second })
				socket(t)
			},
			says: []string{"reach the engine at unix://", "wait until it answers", Setting + "=private"},
		},
		"a socket at which nothing listens, and no bare/": {
			set:  func(t *testing.T, _ string) { _ = socket(t).Close() },
			says: []string{ErrNoPrivate.Error()},
		},
		"private, and no bare/": {
			set: func(t *testing.T, alive string) {
				t.Setenv(Setting, "private")
				t.Setenv("DOCKER_HOST", alive)
			},
			says: []string{ErrNoPrivate.Error()},
		},
		"an unknown setting": {
			set:  func(t *testing.T, _ string) { t.Setenv(Setting, "podman") },
			says: []string{`"podman"`, "auto, private or off"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			alone(t)
			alive := fakeEngine(t, "[]")
			tt.set(t, alive)
			e, err := Find(t.Context(), t.TempDir(), io.Discard)
			if tt.want != "" {
				if err != nil {
					t.Fatal(err)
				}
				if e.Host != alive || !slices.Contains(e.Env(), "DOCKER_HOST="+alive) || e.Private {
					t.Errorf("found %+v, want %s", e, alive)
				}
				return
			}
			if err == nil {
				t.Fatalf("found %s, want an error", e.Host)
			}
			for _, s := range tt.says {
				if !strings.Contains(err.Error(), s) {
					t.Errorf("error %q does not say %q", err, s)
				}
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("error %q has more than one line", err)
			}
		})
	}
}

func TestLegacyStore(t *testing.T) {
	for status, want := range map[string]string{
		`[["driver-type","io.containerd.snapshotter.v1"]]`:            "",
		`[["Backing Filesystem","extfs"],["Supports d_type","true"]]`: "overlay2",
	} {
		alone(t)
		t.Setenv("DOCKER_HOST", fakeEngine(t, status))
		e, err := Find(t.Context(), t.TempDir(), io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := e.LegacyStore(t.Context()); got != want || err != nil {
			t.Errorf("%s: legacy store %q, %v, want %q", status, got, err, want)
		}
	}
}

func TestEnvRemovesWhatLeadsElsewhere(t *testing.T) {
	alone(t)
	t.Setenv("BUILDX_BUILDER", "remote")
	t.Setenv("DOCKER_CONTEXT", "default")
	t.Setenv("DOCKER_HOST", fakeEngine(t, "[]"))
	e, err := Find(t.Context(), t.TempDir(), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range e.Env() {
		if strings.HasPrefix(line, "BUILDX_BUILDER=") || strings.HasPrefix(line, "DOCKER_CONTEXT=") {
			t.Errorf("environment still has %s", line)
		}
	}
}

func TestParsePlatforms(t *testing.T) {
	t.Parallel()
	out := "Name: default\nNodes:\nPlatforms:        linux/amd64*, linux/amd64/v2, linux/arm64, linux/386\n"
	if got, want := parsePlatforms(out), []catalog.Platform{"linux/amd64", "linux/arm64"}; !slices.Equal(got, want) {
		t.Errorf("platforms are %v, want %v", got, want)
	}
	if got := parsePlatforms("no such line"); got != nil {
		t.Errorf("platforms are %v, want none", got)
	}
}
