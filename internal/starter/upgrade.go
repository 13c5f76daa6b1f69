package starter

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/git"
	"example.com/stagecraft/internal/render"
)

// Upgraded is what Upgrade did.
type Upgraded struct {
	Commits int      // of upstream that were merged; 0: there was nothing to merge
	Changed int      // files that the merge changes
	Removed []string // folders and files that stay removed, although they changed upstream
}

// Upgrade merges a revision of upstream, and leaves the merge to be looked at and committed. What follows by rule is no
// conflict: what was removed here stays removed, what is rendered is rendered again, by the given function from the merged
// tooling, and what came from upstream gets this project's names. Everything else is git's own merge, and so are the
// conflicts that it leaves. It starts from a working tree without changes, and `git merge --abort` leads back to that.
func Upgrade(ctx context.Context, root, from string, render func(context.Context) error) (Upgraded, error) {
	upgraded, err := upgrade(ctx, root, from, render)
	if err != nil {
		return Upgraded{}, fmt.Errorf("merge %s: %w", from, err)
	}
	return upgraded, nil
}

func upgrade(ctx context.Context, root, from string, rendering func(context.Context) error) (Upgraded, error) {
	u := upstream{root: root, from: from}
	if err := u.compare(ctx); err != nil {
		return Upgraded{}, err
	}
	changes, err := uncommitted(ctx, root)
	if err != nil {
		return Upgraded{}, err
	}
	if len(changes) > 0 {
		return Upgraded{}, fmt.Errorf("there are changes that are not committed, first %s; commit them, so that `git merge --abort` keeps them", changes[0])
	}
	repository, err := catalog.Load(root)
	if err != nil {
		return Upgraded{}, err
	}
	rendered, err := render.Files(root, repository)
	if err != nil {
		return Upgraded{}, err
	}
	if u.names, err = u.identity(ctx, repository.Project); err != nil {
		return Upgraded{}, err
	}
	if merging, err := u.merge(ctx); !merging {
		return Upgraded{}, err
	}
	done, err := u.finish(ctx, rendered, rendering)
	if err != nil {
		return Upgraded{}, fmt.Errorf("%w; `git merge --abort` undoes the merge", err)
	}
	return done, nil
}

// upstream is a revision that is merged into a repository.
type upstream struct {
	root, from string
	base       string       // the last commit of upstream that is here already
	names      *christening // nil where this project has upstream's names
}

func (u *upstream) git(ctx context.Context, args ...string) (string, error) {
	return git.Output(ctx, u.root, nil, args...)
}

// byHand is what a person does when a merge could not be finished.
const byHand = "then run: GOWORK=off " + render.Fix + " && git add --all && git commit"

// finish does what follows by rule after git's own merge.
func (u *upstream) finish(ctx context.Context, rendered map[string][]byte, rendering func(context.Context) error) (done Upgraded, err error) {
	if done.Removed, err = u.keepRemoved(ctx); err != nil {
		return Upgraded{}, err
	}
	conflicts, err := u.resolve(ctx, rendered)
	if err != nil {
		return Upgraded{}, err
	}
	if err := u.rename(ctx); err != nil {
		return Upgraded{}, err
	}
	if len(conflicts) > 0 {
		return Upgraded{}, fmt.Errorf("both sides changed %s; edit what git has marked there, %s", strings.Join(conflicts, ", "), byHand)
	}
	err = rendering(ctx)
	// What is not staged would be in the way of `git merge --abort`.
	if _, staging := u.git(ctx, "add", "--all"); err != nil || staging != nil {
		return Upgraded{}, fmt.Errorf("nothing conflicts, but %w; fix that, %s", errors.Join(err, staging), byHand)
	}
	changed, err := git.List(ctx, u.root, "diff", "--cached", "--name-only", "-z", "HEAD")
	if err != nil {
		return Upgraded{}, err
	}
	done.Changed = len(changed)
	commits, err := u.git(ctx, "rev-list", "HEAD.."+u.from)
	done.Commits = len(strings.Fields(commits))
	return done, err
}

// compare finds what both sides have in common.
func (u *upstream) compare(ctx context.Context) (err error) {
	if _, err := u.git(ctx, "rev-parse", "--quiet", "--verify", u.from+"^{commit}"); err != nil {
		return errors.New("there is no such revision; run: git remote add upstream URL && git fetch upstream")
	}
	if u.base, err = u.git(ctx, "merge-base", "HEAD", u.from); err != nil {
		return errors.New("it has no commit in common with this repository; docs/upgrading.md shows how to join them, once")
	}
	return nil
}

// merge begins a merge that is not committed; merging is false when there is nothing to merge. Conflicts are no error.
func (u *upstream) merge(ctx context.Context) (merging bool, err error) {
	// Without no-renames, git would take a service that was made from a removed sample for that sample under another name, and
	// change it as the sample changed. Before Git 2.50, the strategy ort ignores the option; after it, recursive means ort.
	_, err = u.git(ctx, "merge", "--no-commit", "--no-ff", "--strategy=recursive", "--strategy-option=no-renames", u.from)
	if _, none := u.git(ctx, "rev-parse", "--quiet", "--verify", "MERGE_HEAD"); none != nil {
		return false, err
	}
	return true, nil
}

// keepRemoved removes again what the merge brings of folders and files that were removed here; it returns the outermost of them.
func (u *upstream) keepRemoved(ctx context.Context) ([]string, error) {
	before, err := git.List(ctx, u.root, "ls-tree", "-r", "-t", "--name-only", "-z", u.base)
	if err != nil {
		return nil, err
	}
	now, err := git.List(ctx, u.root, "ls-tree", "-r", "-t", "--name-only", "-z", "HEAD")
	if err != nil {
		return nil, err
	}
	removed := map[string]bool{}
	for _, name := range before {
		removed[name] = true
	}
	for _, name := range now {
		delete(removed, name)
	}
	merged, err := git.List(ctx, u.root, "ls-files", "-z")
	if err != nil {
		return nil, err
	}
	var names, places []string
	for _, name := range merged {
		place := ""
		for part := name; part != "."; part = path.Dir(part) {
			if removed[part] {
				place = part
			}
		}
		if place != "" {
			names, places = append(names, name), append(places, place)
		}
	}
	if len(names) > 0 {
		_, err = u.git(ctx, append([]string{"--literal-pathspecs", "rm", "--quiet", "--force", "--"}, slices.Compact(names)...)...)
	}
	return slices.Compact(places), err
}
