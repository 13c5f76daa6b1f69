package project

import (
	"bytes"
	"cmp"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"go.yaml.in/yaml/v4"

	"example.com/stagecraft/internal/finding"
	"example.com/stagecraft/internal/git"
	"example.com/stagecraft/internal/lint"
)

//go:embed public.yaml
var publicList []byte

// publicRepository is a repository on GitHub whose Dockerfiles the rules are measured on.
type publicRepository struct {
	Name    string   `yaml:"repository"` // OWNER/NAME
	Commit  string   `yaml:"commit"`
	Context string   `yaml:"context"` // what its Dockerfiles are built from: root, own for the folder of each; "" when it is not known
	Folders []string `yaml:"folders"` // where the Dockerfiles are; all of it when empty
}

// LintPublic writes how many findings each rule for Dockerfiles has in the repositories of public.yaml, which are checked out
// in DIR/OWNER/NAME. It lints none when one is missing or at another commit, and writes the commands that fetch those.
func (p Project) LintPublic(ctx context.Context, dir string) error {
	if dir == "" {
		return errors.New("lint public repositories: the folder that they are checked out in is missing; add -dir=FOLDER")
	}
	repositories, err := readPublic(publicList)
	if err != nil {
		return err
	}
	return p.lintPublic(ctx, dir, repositories)
}

func readPublic(data []byte) ([]publicRepository, error) {
	var all []publicRepository
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(&all); err != nil {
		return nil, fmt.Errorf("read public.yaml: %w", err)
	}
	for _, r := range all {
		if len(r.Commit) != 40 || !slices.Contains([]string{"", "root", "own"}, r.Context) {
			return nil, fmt.Errorf("read public.yaml: %s needs a commit of 40 digits, and context: root or own or none", r.Name)
		}
	}
	return all, nil
}

func (p Project) lintPublic(ctx context.Context, dir string, repositories []publicRepository) error {
	missing := 0
	for _, r := range repositories {
		at := filepath.Join(dir, filepath.FromSlash(r.Name))
		// A folder that is no repository may lie in one.
		if head, err := git.Output(ctx, at, nil, "--git-dir=.git", "rev-parse", "HEAD"); err != nil || head != r.Commit {
			missing++
			fmt.Fprintf(p.Out, "git init -q %[1]s && git -C %[1]s fetch -q --depth=1 https://github.com/%[2]s %[3]s && git -C %[1]s checkout -q FETCH_HEAD\n", at, r.Name, r.Commit)
		}
	}
	if missing > 0 {
		return fmt.Errorf("lint public repositories: %d of %d are not in %s as public.yaml pins them; run the commands above", missing, len(repositories), dir)
	}
	var all finding.Report
	for _, r := range repositories {
		report, err := r.lint(filepath.Join(dir, filepath.FromSlash(r.Name)))
		if err != nil {
			return err
		}
		all = all.With(report)
	}
	return p.writeCounts(all)
}

// lint lints the repository, which is checked out in a folder.
func (r publicRepository) lint(root string) (finding.Report, error) {
	paths := []string{root}
	if len(r.Folders) > 0 {
		paths = nil
		for _, f := range r.Folders {
			paths = append(paths, filepath.Join(root, filepath.FromSlash(f)))
		}
	}
	switch r.Context {
	case "":
		return lint.Files(paths, "", nil)
	case "root":
		return lint.Files(paths, root, nil)
	}
	names, err := lint.FindDockerfiles(paths)
	if err != nil {
		return finding.Report{}, err
	}
	var all finding.Report
	for _, name := range names {
		report, err := lint.Files([]string{name}, filepath.Dir(name), nil)
		if err != nil {
			return finding.Report{}, err
		}
		all = all.With(report)
	}
	return all, nil
}

// writeCounts writes a table of rules, their findings and the files that have them, most findings first.
func (p Project) writeCounts(report finding.Report) error {
	count, files := map[string]int{}, map[string]map[string]bool{}
	for _, f := range report.Findings {
		if files[f.Rule] == nil {
			files[f.Rule] = map[string]bool{}
		}
		count[f.Rule]++
		files[f.Rule][f.File] = true
	}
	byCount := slices.SortedFunc(maps.Keys(count), func(a, b string) int {
		return cmp.Or(cmp.Compare(count[b], count[a]), strings.Compare(a, b))
	})
	table := tabwriter.NewWriter(p.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "RULE\tFINDINGS\tFILES")
	for _, rule := range byCount {
		fmt.Fprintf(table, "%s\t%d\t%d\n", rule, count[rule], len(files[rule]))
	}
	fmt.Fprintf(table, "all\t%d\t%d\n", len(report.Findings), report.Subjects)
	return table.Flush()
}
