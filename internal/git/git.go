// Package git asks git about a repository.
package git

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"

	"example.com/stagecraft/internal/command"
)

// Output is what git writes in a folder, without the last end of line; env are changes of the environment. An error has git's
// own words, on one line.
func Output(ctx context.Context, dir string, env []string, args ...string) (string, error) {
	out, err := run(ctx, dir, env, args...)
	return strings.TrimSuffix(out, "\n"), err
}

// List is Output of a command that ends each element in NUL, as options -z make git do.
func List(ctx context.Context, dir string, args ...string) ([]string, error) {
	out, err := run(ctx, dir, nil, args...)
	if err != nil || out == "" {
		return nil, err
	}
	return strings.Split(strings.TrimSuffix(out, "\x00"), "\x00"), nil
}

// Blob is the content of a file that git has stored: REVISION:PATH, or an object's name.
func Blob(ctx context.Context, dir, object string) ([]byte, error) {
	out, err := run(ctx, dir, nil, "cat-file", "blob", object)
	return []byte(out), err
}

func run(ctx context.Context, dir string, env []string, args ...string) (string, error) {
	var problem strings.Builder
	out, err := command.Command{
		Args: append([]string{"git"}, args...), Dir: dir, Env: command.Env(append(env, "LC_ALL=C")...), Stderr: &problem,
	}.Output(ctx)
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		err = fmt.Errorf("git %s: %s (%w)", args[0], strings.Join(strings.Fields(problem.String()), " "), exit)
	}
	return out, err
}
