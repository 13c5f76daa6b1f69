package affected

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"example.com/stagecraft/internal/git"
)

// base is the commit where the history of HEAD and that of a revision parted.
func base(ctx context.Context, root, revision string) (string, error) {
	shallow, err := git.Output(ctx, root, nil, "rev-parse", "--is-shallow-repository")
	if err != nil {
		return "", err
	}
	commit, err := git.Output(ctx, root, nil, "rev-parse", "--verify", "--quiet", "--end-of-options", revision+"^{commit}")
	if err != nil {
		return "", missing(ctx, root, revision, shallow == "true")
	}
	base, err := git.Output(ctx, root, nil, "merge-base", commit, "HEAD")
	switch {
	case err == nil:
		return base, nil
	case shallow == "true":
		return "", errors.New("this clone is shallow and lacks the commit where HEAD left it; run: git fetch --unshallow")
	default:
		return "", fmt.Errorf("HEAD has no commit in common with it; name a revision of this history: git log --oneline (%w)", err)
	}
}

// missing is the error for a revision that is not here, with the command that fetches it.
func missing(ctx context.Context, root, revision string, shallow bool) error {
	unshallow := ""
	if shallow {
		unshallow = " --unshallow"
	}
	remotes, _ := git.Output(ctx, root, nil, "remote") // without remotes, there is nothing to fetch
	if remote, branch, ok := strings.Cut(revision, "/"); ok && slices.Contains(strings.Fields(remotes), remote) {
		return fmt.Errorf("this clone does not have that branch; run: git fetch%s %s +refs/heads/%s:refs/remotes/%[2]s/%[3]s", unshallow, remote, branch)
	}
	if shallow {
		return errors.New("this clone is shallow and does not have that revision; run: git fetch --unshallow --tags")
	}
	return errors.New("there is no such revision; choose one that `git log --oneline` or `git branch --all` shows")
}

// changes are the paths that differ between a commit and the working tree, and those that git does not ignore.
func changes(ctx context.Context, root, commit string) (changed, known paths, err error) {
	differ, err := git.List(ctx, root, "diff", "--name-only", "--no-renames", "--no-ext-diff", "--relative", "-z", commit, "--")
	if err != nil {
		return nil, nil, err
	}
	untracked, err := git.List(ctx, root, "ls-files", "--others", "--exclude-standard", "-z")
	if err != nil {
		return nil, nil, err
	}
	tracked, err := git.List(ctx, root, "ls-files", "--cached", "-z")
	return newPaths(differ, untracked), newPaths(tracked, untracked), err
}

// checkout writes the tree of a commit to a folder, by an index of its own: the repository's stays as it is.
func checkout(ctx context.Context, root, commit, to, index string) error {
	top, err := git.Output(ctx, root, nil, "rev-parse", "--show-toplevel")
	if err != nil {
		return err
	}
	env := []string{"GIT_INDEX_FILE=" + index}
	if _, err := git.Output(ctx, root, env, "read-tree", commit+":./"); err != nil {
		return err
	}
	_, err = git.Output(ctx, top, env, "checkout-index", "--all", "--quiet", "--prefix="+filepath.ToSlash(to)+"/")
	return err
}

// paths is a set of paths with forward slashes.
type paths map[string]bool

// newPaths joins lists of git. A folder in one, which is a repository of its own, stands for all that is in it.
func newPaths(lists ...[]string) paths {
	p := paths{}
	for _, name := range slices.Concat(lists...) {
		p[strings.TrimSuffix(name, "/")] = true
	}
	return p
}

// cover reports whether a path or a folder that it is in is among p.
func (p paths) cover(name string) bool {
	for ; name != "."; name = path.Dir(name) {
		if p[name] {
			return true
		}
	}
	return false
}

func (p paths) sorted() []string { return slices.Sorted(maps.Keys(p)) }
