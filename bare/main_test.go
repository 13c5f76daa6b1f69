package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/stagecraft/bare/engine"
)

func TestUsage(t *testing.T) {
	t.Setenv("STAGECRAFT_HOME", t.TempDir())
	for _, args := range [][]string{nil, {"engine"}, {"engine", "explode"}, {"bases"}, {"fly"}, {"compose", "up"}, {"engine", "up", "now"}} {
		if _, err := run(context.Background(), args); err == nil || !strings.Contains(err.Error(), "usage: ") {
			t.Errorf("%q: error %v", args, err)
		}
	}
}

func TestNothingThere(t *testing.T) {
	root := filepath.Join(t.TempDir(), "s")
	t.Setenv("STAGECRAFT_HOME", root)
	answer, err := run(context.Background(), []string{"engine", "status"})
	if err != nil {
		t.Fatal(err)
	}
	if s := answer.(engine.Status); s.State != "absent" {
		t.Errorf("state %q", s.State)
	}
	for _, verb := range []string{"stop", "remove"} {
		if _, err := run(context.Background(), []string{"engine", verb}); err != nil {
			t.Errorf("%s: %v", verb, err)
		}
	}
	if _, err := os.Stat(root); err == nil {
		t.Error("asking about nothing made the folder")
	}
}

func TestUpRefused(t *testing.T) {
	root := filepath.Join(t.TempDir(), "s")
	t.Setenv("STAGECRAFT_HOME", root)
	t.Setenv("STAGECRAFT_ENGINE", "off")
	if _, err := run(context.Background(), []string{"engine", "up"}); err == nil || !strings.Contains(err.Error(), "STAGECRAFT_ENGINE=off") {
		t.Errorf("error %v", err)
	}
	if _, err := os.Stat(root); err == nil {
		t.Error("refused, and still made the folder")
	}
}

// Other programs read these names.
func TestAnswersKeepTheirNames(t *testing.T) {
	for want, answer := range map[string]any{
		`{"host":"h","buildx":"b","api":"a"}`: engine.Address{Host: "h", Buildx: "b", API: "a"},
		`{"program":"p","config":"c"}`:        engine.Compose{Program: "p", Config: "c"},
		`{"state":"running","host":"h","version":"v","api":"a","uptime_seconds":5,"disk":{"programs":1,"images":2,"build_cache":3}}`: engine.Status{
			State: "running", Host: "h", Version: "v", API: "a", Uptime: 5, Disk: engine.Disk{Programs: 1, Images: 2, BuildCache: 3},
		},
	} {
		if got, err := json.Marshal(answer); err != nil || string(got) != want {
			t.Errorf("%s (%v), want %s", got, err, want)
		}
	}
}

func TestBasesWithoutARecipe(t *testing.T) {
	t.Setenv("STAGECRAFT_HOME", t.TempDir())
	if _, err := run(context.Background(), []string{"bases", "alpine:3.23"}); err == nil || !strings.Contains(err.Error(), "debian:trixie-slim") {
		t.Errorf("error %v, want one that names the recipes", err)
	}
}
