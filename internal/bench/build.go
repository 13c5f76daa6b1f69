package bench

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"example.com/stagecraft/internal/build"
	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/dockerfile"
)

// way is a way to build a service.
type way struct {
	name       string
	dockerfile func(catalog.Service) string
	target     string
	platforms  []catalog.Platform
}

// ways are ours for the engine's own platform, ours for all, and the article's for all: builders that run on the target
// platform.
func ways(native catalog.Platform) []way {
	ours := func(s catalog.Service) string { return s.Dir + "/Dockerfile" }
	return []way{
		{"one platform", ours, "runtime", []catalog.Platform{native}},
		{"two platforms", ours, "runtime", catalog.Platforms},
		{"the article's way", Article, "", catalog.Platforms},
	}
}

// Article is the Dockerfile, relative to the root, that builds a service as the article would.
func Article(s catalog.Service) string { return "bench/article/" + s.Name + ".Dockerfile" }

// changes are lines that change what is built: in the first of files; %[1]d is another number each time.
var changes = map[catalog.Language]struct{ files, line string }{
	"go":     {"*.go", `func init() { println("trial %[1]d") }`},
	"c":      {"src/*.c", `__attribute__((constructor)) static void trial_%[1]d(void) { static volatile long long trial = %[1]dLL; trial++; }`},
	"python": {"src/*/*.py", `_TRIAL_%[1]d = 1`},
	"node":   {"src/*.ts", `export const trial%[1]d = 1;`},
}

// BuildReport is how long builds took, in seconds.
type BuildReport struct {
	Cold, Changed Table
	Chart         Chart // of the cold ones
	Remarks       []string
}

// Builds builds services in every way, rounds times in turn: cold, and after a change of one line. Sources are changed in
// root, which must be a copy. native is the engine's own platform; say tells of progress. Interrupted after a whole round, it
// reports the rounds that were whole.
func Builds(ctx context.Context, trials build.Trials, root string, services []catalog.Service, native catalog.Platform, rounds int, say func(format string, args ...any)) (BuildReport, error) {
	all := ways(native)
	cold, changed := newTimes(all), newTimes(all)
	whole := 0
	for ; whole < rounds; whole++ {
		say("round %d of %d", whole+1, rounds)
		err := round(ctx, trials, root, services, cold, changed, say)
		if err != nil && (ctx.Err() == nil || whole == 0) {
			return BuildReport{}, err
		}
		if err != nil {
			say("interrupted; what follows is of %d of %d rounds", whole, rounds)
			break
		}
	}
	cold.keep(whole)
	changed.keep(whole)
	return BuildReport{
		Cold:    cold.table(),
		Changed: changed.table(),
		Chart:   cold.chart("Seconds from nothing, both platforms: ours before the article's way"),
		Remarks: []string{
			fmt.Sprintf("Seconds, medians of %d rounds, each service by itself; layers compressed with zstd 19 in every way. No time is further than %.0f %% from its median.",
				whole, 100*max(cold.spread(), changed.spread())),
			"Cold: no step from the cache; what cache mounts hold of earlier builds, as package downloads, is at hand. Bases: " + trials.Bases() + ".",
		},
	}, nil
}

// round builds each service once in every way.
func round(ctx context.Context, trials build.Trials, root string, services []catalog.Service, cold, changed *times, say func(format string, args ...any)) error {
	for _, s := range services {
		for i, w := range cold.ways {
			say("%s, %s", s.Name, w.name)
			trial := build.Trial{Service: s.Name, Dockerfile: w.dockerfile(s), Target: w.target, Platforms: w.platforms}
			if err := cool(root, trial.Dockerfile); err != nil {
				return err
			}
			took, err := trials.Run(ctx, trial)
			if err != nil {
				return fmt.Errorf("build %s, %s: %w", s.Name, w.name, err)
			}
			cold.add(s.Name, i, took)
			if err := change(filepath.Join(root, filepath.FromSlash(s.Dir)), s.Language); err != nil {
				return err
			}
			again, err := trials.Run(ctx, trial)
			if err != nil {
				return fmt.Errorf("build %s, %s, after a change: %w", s.Name, w.name, err)
			}
			changed.add(s.Name, i, again)
			say("%s, %s: %.1f s cold, %.1f s with one line changed", s.Name, w.name, took.Seconds(), again.Seconds())
		}
	}
	return nil
}

// cool changes a Dockerfile of the copy so that no step of it was ever done: a variable with a name of its own stands below
// every base. --no-cache would empty the cache mounts too, and so measure the network.
func cool(root, name string) error {
	file := filepath.Join(root, filepath.FromSlash(name))
	content, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("make a build cold: %w", err)
	}
	parsed, err := dockerfile.Parse(name, content)
	if err != nil {
		return err
	}
	lines := strings.SplitAfter(string(content), "\n")
	for _, stage := range slices.Backward(parsed.Stages) {
		if stage.External() {
			lines = slices.Insert(lines, stage.Line, fmt.Sprintf("ENV STAGECRAFT_TRIAL_%d=1\n", time.Now().UnixNano()))
		}
	}
	if err := os.WriteFile(file, []byte(strings.Join(lines, "")), 0o600); err != nil {
		return fmt.Errorf("make a build cold: %w", err)
	}
	return nil
}

// change adds a line to the first source file of a service or a library; in libraries, Go has it in a folder of its own.
func change(dir string, language catalog.Language) error {
	c := changes[language]
	var files []string
	for _, pattern := range []string{c.files, "*/" + c.files} {
		found, err := filepath.Glob(filepath.Join(dir, filepath.FromSlash(pattern)))
		if err != nil {
			return err
		}
		files = append(files, found...)
	}
	if len(files) == 0 {
		return fmt.Errorf("change a line of %s: nothing matches %s there", dir, c.files)
	}
	return add(files[0], c.line)
}

// add writes a line with a number of its own to the end of a file.
func add(name, line string) error {
	file, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("change a line: %w", err)
	}
	if _, err := fmt.Fprintf(file, "\n"+line+"\n", time.Now().UnixNano()); err != nil {
		return fmt.Errorf("change a line: %w", err)
	}
	return file.Close()
}
