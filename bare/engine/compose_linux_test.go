package engine

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCompose(t *testing.T) {
	h := Home(filepath.Join(t.TempDir(), "engine"))
	settings := filepath.Join(t.TempDir(), "docker")
	write := func(dir, name, content string) {
		t.Helper()
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	write(settings, "config.json", `{"auths": {}}`)
	write(filepath.Join(settings, "cli-plugins"), "docker-buildx", "too old")
	t.Setenv("DOCKER_CONFIG", settings)
	count := filepath.Join(t.TempDir(), "count")
	fakeGo(t, `echo "$out" >> `+count+`; echo done > "$out"`)
	made, err := h.Compose(context.Background(), quiet)
	if err != nil {
		t.Fatal(err)
	}
	read := func(name string) string {
		content, err := os.ReadFile(filepath.Join(made.Config, name))
		if err != nil {
			t.Error(err)
		}
		return string(content)
	}
	if made.Program != filepath.Join(made.Config, "cli-plugins", "docker-compose") || read("cli-plugins/docker-compose") != "done\n" {
		t.Errorf("Compose is %s", made.Program)
	}
	if read("cli-plugins/docker-buildx") != "done\n" || read("config.json") != `{"auths": {}}` {
		t.Error("Compose does not find its own buildx and the user's settings")
	}
	// Settings elsewhere are those that hold, and nothing is compiled twice.
	settings = filepath.Join(t.TempDir(), "other")
	write(settings, "config.json", `{"auths": {"r": {}}}`)
	t.Setenv("DOCKER_CONFIG", settings)
	if _, err := h.Compose(context.Background(), quiet); err != nil || read("config.json") != `{"auths": {"r": {}}}` {
		t.Errorf("the settings of another folder are not used (%v)", err)
	}
	if built, _ := os.ReadFile(count); strings.Count(string(built), "\n") != 2 {
		t.Errorf("compiled, want docker-buildx and docker-compose once:\n%s", built)
	}
	// The engine's own programs come, and these stay.
	if err := h.compile(context.Background(), quiet); err != nil {
		t.Fatal(err)
	}
	if left := missingIn(filepath.Join(h.compose(), "cli-plugins"), composePrograms); len(left) > 0 {
		t.Errorf("compiling the engine deleted %v", left)
	}
}

func TestLinkFlags(t *testing.T) {
	for _, p := range composePrograms {
		if want := "-X " + versions[p.name] + "=" + pinned(p.module, p.modulePath()); !strings.HasSuffix(p.linkFlags(), want) {
			t.Errorf("%s: %s, want its version", p.name, p.linkFlags())
		}
	}
	if flags := programs[0].linkFlags(); flags != "-s -w" {
		t.Errorf("%s: %s", programs[0].name, flags)
	}
}
