package project

import (
	"context"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"example.com/stagecraft/internal/bench"
	"example.com/stagecraft/internal/git"
	"example.com/stagecraft/internal/mutation"
)

// enough is how many mutants of a package are tried for docs/benchmarks.md: a few minutes each.
const enough = 100

// BenchMutants measures what the unit tests of packages notice (folders, comma-separated; empty: those in docs/benchmarks.md, of
// which a sample is tried). With p.Since, only files of internal/ that changed since then are mutated. With write, the scores
// and what survived go to docs/benchmarks.md too.
func (p Project) BenchMutants(ctx context.Context, packages string, write bool) error {
	all, most := mutation.Packages, enough
	if packages != "" {
		all, most = strings.Split(packages, ","), 0
	}
	if write && (packages != "" || p.Since != "") {
		return fmt.Errorf("write scores into %s: they are for all files of %s; leave out -packages and -since, or -write", bench.Page, join(mutation.Packages))
	}
	files := map[string][]string{} // by package; none: all
	if p.Since != "" {
		var err error
		if files, err = p.changedGo(ctx); err != nil {
			return err
		}
		if packages == "" {
			all = slices.Sorted(maps.Keys(files))
		}
		all = slices.DeleteFunc(slices.Clone(all), func(pkg string) bool { return files[pkg] == nil })
		most = 0
	}
	if len(all) == 0 {
		return fmt.Errorf("measure what tests notice: no Go file of a package with tests changed since %s", p.Since)
	}
	var scores []mutation.Score
	for _, pkg := range all {
		score, err := mutation.Run(ctx, p.Root, pkg, files[pkg], most, p.say)
		if err != nil {
			return err
		}
		scores = append(scores, score)
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

// changedGo are the Go files in internal/ that changed since p.Since and are not tests, by their package, if tests are known for it.
func (p Project) changedGo(ctx context.Context) (map[string][]string, error) {
	base, err := git.Output(ctx, p.Root, nil, "merge-base", p.Since, "HEAD")
	if err != nil {
		return nil, fmt.Errorf("list what changed since %s: %w", p.Since, err)
	}
	changed, err := git.List(ctx, p.Root, "diff", "--name-only", "--diff-filter=d", "--relative", "-z", base, "--", "internal")
	if err != nil {
		return nil, fmt.Errorf("list what changed since %s: %w", p.Since, err)
	}
	files := map[string][]string{}
	for _, f := range changed {
		tests, err := filepath.Glob(filepath.Join(p.Root, filepath.FromSlash(mutation.TestedBy(path.Dir(f))), "*_test.go"))
		if err != nil {
			return nil, fmt.Errorf("list what changed since %s: %w", p.Since, err)
		}
		if path.Ext(f) == ".go" && !strings.HasSuffix(f, "_test.go") && len(tests) > 0 {
			files[path.Dir(f)] = append(files[path.Dir(f)], path.Base(f))
		}
	}
	return files, nil
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
