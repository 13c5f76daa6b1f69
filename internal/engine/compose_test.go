package engine

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestCompose(t *testing.T) {
	e := &Engine{Host: fakeEngine(t, "[]")}
	if err := e.connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	docker := t.TempDir()
	t.Setenv("PATH", docker+string(filepath.ListSeparator)+os.Getenv("PATH"))
	install := func(script string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(docker, "docker"), []byte("#!/bin/sh\n"+script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	const made = `{"program": "/p/docker-compose", "config": "/p"}`

	install(`[ "$*" = "compose version" ] && [ "$DOCKER_HOST" = ` + e.Host + ` ]`)
	words, env, err := e.Compose(t.Context(), t.TempDir(), io.Discard)
	if err != nil || !slices.Equal(words, []string{"docker", "compose"}) || !slices.Contains(env, "DOCKER_HOST="+e.Host) {
		t.Errorf("with docker's plugin: %v, %v", words, err)
	}

	install("echo 'unknown command: docker compose' >&2; exit 1")
	words, env, err = e.Compose(t.Context(), repositoryWithBare(t, "fmt.Println(`"+made+"`)"), io.Discard)
	if err != nil || !slices.Equal(words, []string{"/p/docker-compose"}) || !slices.Contains(env, "DOCKER_CONFIG=/p") {
		t.Errorf("without it: %v, %v", words, err)
	}
	if _, _, err := e.Compose(t.Context(), t.TempDir(), io.Discard); err == nil || !strings.Contains(err.Error(), "https://docs.docker.com/compose/install/") {
		t.Errorf("without bare/: %v, want how to install it", err)
	}
}
