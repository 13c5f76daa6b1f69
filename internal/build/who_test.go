package build

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.com/stagecraft/internal/engine"
)

// buildx puts a script in place of buildx, and is the file to which each call's arguments are appended.
func buildx(t *testing.T, script string) (calls string) {
	t.Helper()
	dir := t.TempDir()
	calls = filepath.Join(dir, "calls")
	text := "#!/bin/sh\n[ \"$1\" = version ] && exit\necho \"$@\" >> " + calls + "\n" + script
	if err := os.WriteFile(filepath.Join(dir, "buildx"), []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":/bin:/usr/bin")
	return calls
}

func TestAnswers(t *testing.T) {
	const unreachable = `ERROR: failed to call diskusage: Unavailable: connection error: desc = "transport: Error while dialing: dial tcp 127.0.0.1:1: connect: connection refused"`
	for name, tt := range map[string]struct{ inspect, du, says string }{
		"running":                 {"echo 'Driver: remote'; echo 'Status: running'", "exit 1", ""},
		"a container yet to come": {"echo 'Driver: docker-container'; echo 'Status: inactive'", "exit 1", ""},
		"slow, but there":         {"echo 'Driver: remote'; echo 'Status: inactive'", "", ""},
		"dead": {
			"echo 'Driver: remote'; echo 'Endpoint: tcp://127.0.0.1:1'; echo 'Status: inactive'", "echo '" + unreachable + "' >&2; exit 1",
			"reach the builder b at tcp://127.0.0.1:1: Error while dialing: dial tcp 127.0.0.1:1: connect: connection refused; start it",
		},
		"a certificate that it refuses, seen at the second try": {
			"echo 'Driver: remote'; echo 'Endpoint: tcp://127.0.0.1:1'; echo 'Status: inactive'",
			`[ -e "$0.once" ] && why='connection error: desc = "error reading server preface: remote error: tls: unknown certificate authority"' || why='write tcp 127.0.0.1:2->127.0.0.1:1: write: broken pipe'
touch "$0.once"; echo "ERROR: failed to call diskusage: Unavailable: $why" >&2; exit 1`,
			"reach the builder b at tcp://127.0.0.1:1: error reading server preface: remote error: tls: unknown certificate authority; start it",
		},
		"unknown": {`echo 'ERROR: no builder "b" found' >&2; exit 1`, "", `find the builder b: no builder "b" found; `},
	} {
		t.Run(name, func(t *testing.T) {
			calls := buildx(t, fmt.Sprintf("case $1 in inspect) %s;; du) %s;; esac", tt.inspect, cmp.Or(tt.du, ":")))
			_, err := New(t.Context(), t.TempDir(), &engine.Engine{Buildx: []string{"buildx"}}, "b", io.Discard)
			if tt.says == "" && err != nil || tt.says != "" && (err == nil || !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), "\n")) {
				t.Errorf("error is %v, want one line with %q", err, tt.says)
			}
			if said, err := os.ReadFile(calls); name == "dead" && (err != nil || strings.Count(string(said), "du ") != 1) {
				t.Errorf("it is asked again, though the answer is clear: %s (%v)", said, err)
			}
		})
	}
}

// legacyEngine answers as an engine does that keeps images in the legacy store, BuildKit's among them.
func legacyEngine(t *testing.T) *engine.Engine {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Api-Version", "1.56")
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"Driver": "overlay2", "Id": "sha256:`+digits+`"}`)
	}))
	t.Cleanup(server.Close)
	t.Setenv("DOCKER_HOST", "tcp://"+server.Listener.Addr().String())
	t.Setenv(engine.Setting, "off")
	e, err := engine.Find(t.Context(), t.TempDir(), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestContainerIsMadeOnceAndAnewWhenSettingsChange(t *testing.T) {
	for _, name := range []string{"HTTPS_PROXY", CASetting, RegistrySetting} {
		t.Setenv(name, "")
	}
	// It shows the builder with the configuration that it was made with.
	calls := buildx(t, `
case $1 in
inspect) cat "$0.made" 2>/dev/null || { echo 'ERROR: no builder' >&2; exit 1; };;
create) echo "$@" | sed 's/.*env.STAGECRAFT=\([0-9a-f]*\).*/Driver Options: env.STAGECRAFT="\1"/' > "$0.made";;
esac`)
	var said strings.Builder
	b := &Builder{root: t.TempDir(), engine: legacyEngine(t), outputs: newOutputs(t.TempDir()), progress: &said}
	made := func() (creates, removes int) {
		for range 2 { // the second time, it is there
			if who, err := b.who(t.Context()); who != "stagecraft" || err != nil {
				t.Fatalf("%s builds, %v", who, err)
			}
		}
		data, err := os.ReadFile(calls)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Count(string(data), "create --name=stagecraft --driver=docker-container"), strings.Count(string(data), "rm --keep-state stagecraft")
	}
	if creates, removes := made(); creates != 1 || removes != 1 {
		t.Errorf("asked for twice, it was made %d times and removed %d times", creates, removes)
	}
	t.Setenv("HTTPS_PROXY", "http://proxy.example.com:3128")
	if creates, removes := made(); creates != 2 || removes != 2 {
		t.Errorf("after a change of the proxy, it was made %d times and removed %d times, want 2", creates, removes)
	}
	if want := "keeps images in the legacy store (overlay2)"; !strings.Contains(said.String(), want) {
		t.Errorf("it is not said that the engine %s", want)
	}
}

func TestContainerOptions(t *testing.T) {
	bundle := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(bundle, []byte("one"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv(CASetting, bundle)
	t.Setenv(RegistrySetting, "registry.example.com/mirror")
	t.Setenv("NO_PROXY", "localhost,.example.com")
	options, config, err := containerOptions()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"network=host", `"env.NO_PROXY=localhost,.example.com"`} {
		if !slices.Contains(options, want) {
			t.Errorf("options %q lack %s", options, want)
		}
	}
	for _, want := range []string{"[registry.\"docker.io\"]\n  ca = [\"" + bundle + "\"]", "[registry.\"registry.example.com\"]"} {
		if !strings.Contains(config, want) {
			t.Errorf("the settings lack %s:\n%s", want, config)
		}
	}
	if err := os.WriteFile(bundle, []byte("two"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, again, err := containerOptions(); again == config || err != nil {
		t.Errorf("the bundle changed, and the settings did not: the builder would keep its copy of the old one (%v)", err)
	}
}

// The image is the version that bare/ compiles where it cannot be pulled, and that its engine has built in.
func TestBuildKitIsTheSameEverywhere(t *testing.T) {
	t.Parallel()
	pin := regexp.MustCompile(`^moby/buildkit:(v\d+\.\d+\.\d+)@sha256:[0-9a-f]{64}$`).FindStringSubmatch(buildKit)
	if pin == nil {
		t.Fatalf("%s is no version with a digest", buildKit)
	}
	for _, name := range []string{"buildkit", "dockerd"} {
		mod, err := os.ReadFile("../../bare/engine/modules/" + name + ".mod")
		if os.IsNotExist(err) {
			t.Skip("without bare/ there is nothing to compare")
		}
		if err != nil {
			t.Fatal(err)
		}
		if !regexp.MustCompile(`(?m)^\s*github.com/moby/buildkit ` + regexp.QuoteMeta(pin[1]) + `( //.*)?$`).Match(mod) {
			t.Errorf("%s.mod does not require BuildKit %s", name, pin[1])
		}
	}
}

func TestCaches(t *testing.T) {
	for _, tt := range []struct{ from, to, says, wantFrom, wantTo string }{
		{"", "", "", "[]", "[]"},
		{"type=gha,scope={service} type=inline", "type=gha,scope={service},mode=max", "", "[type=gha,scope=a type=inline]", "[type=gha,scope=a,mode=max]"},
		{"type=registry,ref=r/shared", "type=inline", "", "[type=registry,ref=r/shared]", "[type=inline]"},
		{"", "type=registry,ref=r/cache", "put {service} into it", "", ""},
	} {
		t.Setenv(CacheFromSetting, tt.from)
		t.Setenv(CacheToSetting, tt.to)
		from, to, err := caches("a")
		if tt.says != "" {
			if err == nil || !strings.Contains(err.Error(), tt.says) || !strings.Contains(err.Error(), CacheToSetting) {
				t.Errorf("%s: error is %v, want %q", tt.to, err, tt.says)
			}
			continue
		}
		if err != nil || fmt.Sprint(from) != tt.wantFrom || fmt.Sprint(to) != tt.wantTo {
			t.Errorf("from %v, to %v, %v; want %s, %s", from, to, err, tt.wantFrom, tt.wantTo)
		}
	}
}
