package project

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/stagecraft/internal/build"
	"example.com/stagecraft/internal/catalog"
)

// TestAnnotations: the base of the final stage is named where there is one that was used.
func TestAnnotations(t *testing.T) {
	t.Parallel()
	const digest = "@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	own := map[string]string{"org.opencontainers.image.revision": "abc", "org.opencontainers.image.created": "2026-11-28T12:00:00Z"}
	based := maps.Clone(own)
	based["org.opencontainers.image.base.name"] = "gcr.io/distroless/static:nonroot"
	based["org.opencontainers.image.base.digest"] = digest[1:]
	docker := maps.Clone(based)
	docker["org.opencontainers.image.base.name"] = "index.docker.io/library/debian:trixie-slim"
	for _, tt := range []struct {
		name, dockerfile string
		standIn          bool
		want             map[string]string
	}{
		{"nothing below it", "FROM debian:trixie-slim" + digest + " AS build\nFROM scratch\nCOPY --from=build /app /\n", false, own},
		{"a base", "FROM gcr.io/distroless/static:nonroot" + digest + "\nCOPY app /\n", false, based},
		{"a base of an earlier stage", "FROM debian:trixie-slim" + digest + " AS base\nFROM base\nCOPY app /\n", false, docker},
		{"a stand-in", "FROM gcr.io/distroless/static:nonroot" + digest + "\nCOPY app /\n", true, own},
		{"an unknown image", "FROM debian:trixie-slim\nCOPY app /\n", false, own},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			dir := filepath.Join(root, "services", "a")
			if err := os.MkdirAll(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte(tt.dockerfile), 0o600); err != nil {
				t.Fatal(err)
			}
			proof := build.Proof{Service: catalog.Service{Name: "a", Dir: "services/a"}, StandIn: tt.standIn}
			got, err := Project{Root: root}.annotations(proof, commit{"abc", "2026-11-28T12:00:00Z"})
			if err != nil || !maps.Equal(got, tt.want) {
				t.Errorf("got %v, %v, want %v", got, err, tt.want)
			}
		})
	}
}

// TestPublishNowhere: where images go is said before anything else is asked for.
func TestPublishNowhere(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "project.yaml"), []byte("name: shop\nsource: https://example.com/shop\nlicenses: MIT\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(root, "dockerfiles"), 0o755); err != nil {
		t.Fatal(err)
	}
	p := Project{Root: root}
	if err := p.Publish(t.Context(), "", Publication{}); err == nil || !strings.Contains(err.Error(), "add `registry: registry.example.com/team` to project.yaml, or -to=") {
		t.Errorf("got %v", err)
	}
	if err := p.Publish(t.Context(), "", Publication{Compression: "xz"}); err == nil || !strings.Contains(err.Error(), "choose from zstd, gzip") {
		t.Errorf("got %v", err)
	}
}
