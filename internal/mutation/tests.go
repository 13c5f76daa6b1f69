package mutation

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/stagecraft/internal/command"
)

// binary is the compiled tests of a package with all its mutants.
type binary struct {
	path string
	dir  string // where it runs: the package's folder
	temp string
	took map[string]time.Duration
}

// compile compiles the tests of the package in folder dir with an overlay.
func compile(ctx context.Context, dir, temp, overlay string) (*binary, error) {
	b := &binary{path: filepath.Join(temp, "tests"), dir: dir, temp: temp, took: map[string]time.Duration{}}
	var problem strings.Builder
	err := command.Command{
		Args: []string{"go", "test", "-c", "-vet=off", "-overlay", overlay, "-o", b.path, "."}, Dir: dir,
		Env: command.Env("GOWORK=off"), Stdout: &problem, Stderr: &problem,
	}.Run(ctx)
	if err != nil {
		return nil, fmt.Errorf("compile the mutants of %s: %w: %s", dir, err, strings.Join(strings.Fields(problem.String()), " "))
	}
	return b, nil
}

// test runs tests, by a pattern of their names; env are changes of the environment.
func (b *binary) test(ctx context.Context, pattern string, timeout time.Duration, env ...string) error {
	return command.Command{
		Args: []string{b.path, "-test.short", "-test.failfast", "-test.timeout", timeout.String(), "-test.run", pattern},
		Dir:  b.dir, Env: command.Env(append(env, "DOCKER_HOST", "GOWORK=off")...),
	}.Run(ctx)
}

// reach runs each test by itself and lists the tests that reach each of count mutants.
func (b *binary) reach(ctx context.Context, count int) ([][]string, error) {
	list, err := command.Command{Args: []string{b.path, "-test.list", "^(Test|Fuzz|Example)"}, Dir: b.dir}.Output(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the tests of %s: %w", b.dir, err)
	}
	reach := make([][]string, count)
	names := strings.Fields(list)
	if len(names) == 0 {
		return nil, fmt.Errorf("measure the tests of %s: it has none", b.dir)
	}
	for _, name := range names {
		file := filepath.Join(b.temp, name)
		start := time.Now()
		if err := b.test(ctx, "^"+name+"$", time.Hour, "STAGECRAFT_MUTANTS_REACHED="+file); err != nil {
			return nil, fmt.Errorf("%s fails without a mutant; fix it: go test -short -run ^%s$ %s: %w", name, name, b.dir, err)
		}
		b.took[name] = time.Since(start)
		ids, err := os.ReadFile(file)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("read which mutants %s reaches: %w", name, err)
		}
		seen := map[int]bool{} // a test may run the binary again
		for _, line := range strings.Fields(string(ids)) {
			id, err := strconv.Atoi(line)
			if err != nil {
				return nil, fmt.Errorf("read which mutants %s reaches: %w", name, err)
			}
			if !seen[id] {
				seen[id] = true
				reach[id] = append(reach[id], name)
			}
		}
	}
	return reach, nil
}

// run says whether the named tests pass with a mutant: the quickest first, as most mutants die early, then more at a time.
func (b *binary) run(ctx context.Context, id int, names []string) (passed bool, err error) {
	names = slices.SortedFunc(slices.Values(names), func(x, y string) int { return cmp.Compare(b.took[x], b.took[y]) })
	for budget := time.Second; len(names) > 0; budget *= 2 {
		n, together := 1, b.took[names[0]]
		for n < len(names) && together+b.took[names[n]] < budget {
			together += b.took[names[n]]
			n++
		}
		if passed, err := b.pass(ctx, id, names[:n], together); !passed || err != nil {
			return false, err
		}
		names = names[n:]
	}
	return true, nil
}

// pass says whether tests pass with a mutant. They may take many times as long as without it.
func (b *binary) pass(ctx context.Context, id int, names []string, without time.Duration) (bool, error) {
	limit := 10*time.Second + 5*without
	timed, stop := context.WithTimeout(ctx, limit+10*time.Second) // a busy loop may keep the test's own limit from ending it
	defer stop()
	err := b.test(timed, "^("+strings.Join(names, "|")+")$", limit, fmt.Sprintf("STAGECRAFT_MUTANT=%d", id))
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if err != nil && timed.Err() == nil && !errors.As(err, new(*exec.ExitError)) {
		return false, err
	}
	return err == nil, nil
}
