package project

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"

	"example.com/stagecraft/internal/bench"
	"example.com/stagecraft/internal/git"
	"example.com/stagecraft/internal/mutation"
)

// enough is how many mutants of a package are tried for docs/benchmarks.md: a few minutes each.
const enough = 150

// BenchMutants measures what the unit tests of packages notice (folders, comma-separated; empty: those in docs/benchmarks.md).
// With p.Since, only files that changed since then are mutated. Without either, a sample is tried. With write, the scores and what survived go to
// docs/benchmarks.md too.
func (p Project) BenchMutants(ctx context.Context, packages string, write bool) error {
	all, most := mutation.Packages, enough
	if packages != "" || p.Since != "" {
		most = 0
	}
	if packages != "" {
		all = strings.Split(packages, ",")
	}
	if write && (packages != "" || p.Since != "") {
		return fmt.Errorf("keep scores in %s: they are of all files of %s; leave out -packages and -since, or -write", bench.Page, join(mutation.Packages))
	}
	var changed []string
	if p.Since != "" {
		var err error
		if changed, err = git.List(ctx, p.Root, "diff", "--merge-base", "--name-only", "--relative", "-z", p.Since, "--"); err != nil {
			return fmt.Errorf("list what changed since %s: %w", p.Since, err)
		}
	}
	var scores []mutation.Score
	for _, pkg := range all {
		pkg = path.Clean(pkg)
		var files []string
		for _, f := range changed {
			if path.Dir(f) == pkg {
				files = append(files, path.Base(f))
			}
		}
		if p.Since != "" && files == nil {
			continue
		}
		score, err := mutation.Run(ctx, p.Root, pkg, files, most, p.say)
		if err != nil {
			return err
		}
		scores = append(scores, score)
	}
	if len(scores) == 0 {
		return errors.New("measure what tests notice: no file of the packages changed")
	}
	table := mutants(scores)
	if err := table.Write(p.Out); err != nil || !write {
		return err
	}
	var survivors strings.Builder
	for _, s := range scores {
		for _, m := range s.Survived {
			fmt.Fprintf(&survivors, "- `%s`\n", strings.ReplaceAll(m.String(), "`", "'"))
		}
	}
	return p.writeBench("mutants", table.Markdown()+"\n"+p.machine()+" Survived:\n\n"+survivors.String())
}

// mutants has a row for each score.
func mutants(scores []mutation.Score) bench.Table {
	table := bench.Table{Heading: []string{"package", "mutants", "tried", "killed", "survived", "not reached", "score"}}
	for _, s := range scores {
		row := []string{s.Package}
		for _, n := range []int{s.Mutants(), s.Killed + len(s.Survived), s.Killed, len(s.Survived), s.Missed} {
			row = append(row, fmt.Sprint(n))
		}
		table.Rows = append(table.Rows, append(row, fmt.Sprintf("%.1f %%", s.Percent())))
	}
	return table
}
