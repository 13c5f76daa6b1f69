package engine

import (
	"context"
	"errors"
	"os/exec"

	"example.com/stagecraft/internal/command"
)

// findBuildx is the buildx that goes with the user's own engine: docker's plugin, else a program of that name.
func findBuildx(ctx context.Context) ([]string, error) {
	for _, candidate := range [][]string{{"docker", "buildx"}, {"buildx"}} {
		if _, err := exec.LookPath(candidate[0]); err != nil {
			continue
		}
		if _, err := (command.Command{Args: append(candidate[:len(candidate):len(candidate)], "version")}).Output(ctx); err == nil {
			return candidate, nil
		}
	}
	return nil, errors.New("find buildx: neither `docker buildx version` nor `buildx version` works; install the docker-buildx plugin: https://docs.docker.com/go/buildx/")
}
