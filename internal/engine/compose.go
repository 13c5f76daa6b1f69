package engine

import (
	"context"
	"errors"
	"io"
	"os/exec"

	"example.com/stagecraft/internal/command"
)

// Compose is the command of Docker Compose, without a verb, and the environment for it: docker's plugin, else the one that the
// program in root/bare compiles, once. Progress goes to progress.
func (e *Engine) Compose(ctx context.Context, root string, progress io.Writer) (words, env []string, err error) {
	plugin := []string{"docker", "compose"}
	if _, err := exec.LookPath(plugin[0]); err == nil {
		version := command.Command{Args: append(plugin[:2:2], "version"), Env: e.Env()}
		if _, err := version.Output(ctx); err == nil {
			return plugin, e.Env(), nil
		}
	}
	bare := NewBare(root)
	if !bare.Exists() {
		return nil, nil, errors.New("find Docker Compose: `docker compose version` does not work, and this repository has no bare/ to compile one; install it: https://docs.docker.com/compose/install/")
	}
	var made struct {
		Program string `json:"program"`
		Config  string `json:"config"`
	}
	if err := bare.Run(ctx, progress, &made, "compose"); err != nil {
		return nil, nil, err
	}
	return []string{made.Program}, e.Env("DOCKER_CONFIG=" + made.Config), nil
}
