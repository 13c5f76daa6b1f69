package engine

import (
	"regexp"
	"slices"
	"testing"
)

// What was verified together, and what other code relies on. A bump changes
// this table and has to show that the whole still works.
func TestPins(t *testing.T) {
	for _, pin := range []struct{ module, path, want string }{
		{"dockerd", "github.com/moby/moby/v2", "v2.0.0-beta.24"},
		{"dockerd", "github.com/moby/buildkit", "v0.33.0"},
		{"buildkit", "github.com/moby/buildkit", "v0.33.0"}, // the engine's; the image that internal/build pulls is the same
		{"containerd", "github.com/containerd/containerd/v2", "v2.4.2"},
		{"runc", "github.com/opencontainers/runc", "v1.5.2"},
		{"buildx", "github.com/docker/buildx", "v0.38.2"},
		{"compose", "github.com/docker/compose/v5", "v5.5.1"}, // v5.7 wants a newer Go
	} {
		if got := pinned(pin.module, pin.path); got != pin.want {
			t.Errorf("%s.mod has %s %s, want %s", pin.module, pin.path, got, pin.want)
		}
	}
	if got := pinned("runc", "github.com/opencontainers/run"); got != "unknown" {
		t.Errorf("a module that is not there has version %s", got)
	}
}

func TestEveryProgramIsPinned(t *testing.T) {
	for _, p := range slices.Concat(programs, buildKitPrograms, composePrograms) {
		if !regexp.MustCompile(`^v\d`).MatchString(pinned(p.module, p.modulePath())) {
			t.Errorf("%s: modules/%s.mod requires no module of %s", p.name, p.module, p.pkg)
		}
		tool := regexp.MustCompile(`(?m)^(tool|)\s*` + regexp.QuoteMeta(p.pkg) + `$`)
		if !tool.Match(moduleFile(p.module + ".mod")) {
			t.Errorf("%s: modules/%s.mod does not name the tool %s, so go mod tidy would empty it", p.name, p.module, p.pkg)
		}
		if len(moduleFile(p.module+".sum")) == 0 {
			t.Errorf("%s: modules/%s.sum is empty", p.name, p.module)
		}
	}
}

func TestSetKeyFollowsTheTable(t *testing.T) {
	before := setKey()
	if before != setKey() {
		t.Fatal("the key differs from call to call")
	}
	saved := programs[0].tags
	defer func() { programs[0].tags = saved }()
	programs[0].tags = "other"
	if setKey() == before {
		t.Error("another build flag, the same key: the old program would be used")
	}
}
