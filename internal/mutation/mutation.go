// Package mutation measures what unit tests notice: it changes a package in one place at a time, a mutant, and counts after
// how many changes a test fails.
//
// All mutants of a package are compiled into one test binary, and an environment variable chooses one. A first run of each
// test records which mutants it reaches; only these tests run for a mutant. It works through the go command's -overlay, so no
// file of the package changes.
package mutation

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"golang.org/x/sync/errgroup"
)

// Packages are those whose score is kept, as folders of the module.
var Packages = []string{
	"internal/audit", "internal/build", "internal/dynlink", "internal/elffile", "internal/finding", "internal/image", "internal/lint",
	"internal/owners", "internal/rootfs", "internal/secret", "internal/shell",
}

// elsewhere are packages that the tests of another one are for.
var elsewhere = map[string]string{
	"internal/dynlink": "internal/audit", "internal/elffile": "internal/audit", "internal/owners": "internal/audit", "internal/rootfs": "internal/audit",
	"internal/secret": "internal/lint", "internal/shell": "internal/lint",
}

// TestedBy is the package whose tests are for a package.
func TestedBy(pkg string) string { return cmp.Or(elsewhere[pkg], pkg) }

// Mutant is one change of a package.
type Mutant struct {
	File   string // slash-separated, relative to the module's root
	Line   int
	Change string // what becomes of what, as Go source
}

// String is what a person searches for.
func (m Mutant) String() string { return fmt.Sprintf("%s:%d: %s", m.File, m.Line, m.Change) }

// Score is how the mutants of a package fared.
type Score struct {
	Package  string
	Killed   int      // a test failed, or ran for much longer than without the mutant
	Survived []Mutant // no test failed that reaches it
	Missed   int      // no test reaches it
	Skipped  int      // tests reach it, and it is not in the sample
}

// Mutants is how many there are.
func (s Score) Mutants() int { return s.Killed + len(s.Survived) + s.Missed + s.Skipped }

// Percent is how many of 100 mutants that were tried are killed.
func (s Score) Percent() float64 {
	return 100 * float64(s.Killed) / float64(max(1, s.Killed+len(s.Survived)))
}

// Run mutates a package of the module at root. With files, base names, only these are mutated. Of more mutants than most, every
// second is tried, or third and so on; 0 is no limit. An error names the test that fails without any mutant.
func Run(ctx context.Context, root, pkg string, files []string, most int, say func(format string, args ...any)) (Score, error) {
	score := Score{Package: pkg}
	dir, err := os.MkdirTemp("", "stagecraft-mutation-")
	if err != nil {
		return score, fmt.Errorf("make a folder for mutants: %w", err)
	}
	defer os.RemoveAll(dir)
	mutants, overlay, err := mutate(root, pkg, dir, files)
	if err != nil || len(mutants) == 0 {
		return score, err
	}
	say("%s: %d mutants; which tests reach them", pkg, len(mutants))
	tests, err := compile(ctx, filepath.Join(root, filepath.FromSlash(TestedBy(pkg))), dir, overlay)
	if err != nil {
		return score, err
	}
	reach, err := tests.reach(ctx, len(mutants))
	if err != nil {
		return score, err
	}
	total, every := 0, 1
	for _, reached := range reach {
		if len(reached) > 0 {
			total++
		}
	}
	if most > 0 {
		every = max(1, (total+most-1)/most)
	}
	score.Missed = len(mutants) - total
	survived := make([]bool, len(mutants))
	var mutex sync.Mutex
	done := 0
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.NumCPU())
	n := 0
	for i, reached := range reach {
		if len(reached) == 0 {
			continue
		}
		if n++; n%every != 0 {
			score.Skipped++
			continue
		}
		group.Go(func() error {
			passed, err := tests.run(ctx, i, reached)
			mutex.Lock()
			defer mutex.Unlock()
			if survived[i] = passed; passed {
				say("survived: %s", mutants[i])
			}
			if done++; done%50 == 0 {
				say("%s: %d of %d mutants", pkg, done, total/every)
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return score, err
	}
	for i, m := range mutants {
		if survived[i] {
			score.Survived = append(score.Survived, m)
		}
	}
	score.Killed = total - score.Skipped - len(score.Survived)
	return score, nil
}
