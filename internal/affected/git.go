package affected

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"example.com/stagecraft/internal/command"
)

// git runs git in the folder of a repository.
type git struct {
	root string
}

// output is what git writes; an error has git's own words, on one line.
func (g git) output(ctx context.Context, env []string, args ...string) (string, error) {
	var problem strings.Builder
	out, err := command.Command{
		Args: append([]string{"git"}, args...), Dir: g.root, Env: command.Env(append(env, "LC_ALL=C")...), Stderr: &problem,
	}.Output(ctx)
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		err = fmt.Errorf("git %s: %s (%w)", args[0], strings.Join(strings.Fields(problem.String()), " "), exit)
	}
	return strings.TrimSuffix(out, "\n"), err
}

// base is the commit where the history of HEAD and that of a revision parted.
func (g git) base(ctx context.Context, revision string) (string, error) {
	shallow, err := g.output(ctx, nil, "rev-parse", "--is-shallow-repository")
	if err != nil {
		return "", err
	}
	commit, err := g.output(ctx, nil, "rev-parse", "--verify", "--quiet", "--end-of-options", revision+"^{commit}")
	if err != nil {
		return "", g.missing(ctx, revision, shallow == "true")
	}
	base, err := g.output(ctx, nil, "merge-base", commit, "HEAD")
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
func (g git) missing(ctx context.Context, revision string, shallow bool) error {
	unshallow := ""
	if shallow {
		unshallow = " --unshallow"
	}
	remotes, _ := g.output(ctx, nil, "remote") // without remotes, there is nothing to fetch
	if remote, branch, ok := strings.Cut(revision, "/"); ok && slices.Contains(strings.Fields(remotes), remote) {
		return fmt.Errorf("this clone does not have that branch; run: git fetch%s %s +refs/heads/%s:refs/remotes/%[2]s/%[3]s", unshallow, remote, branch)
	}
	if shallow {
		return errors.New("this clone is shallow and does not have that revision; run: git fetch --unshallow --tags")
	}
	return errors.New("there is no such revision; choose one that `git log --oneline` or `git branch --all` shows")
}

// changed are the paths that differ between a commit and the working tree, and those that git does not ignore.
func (g git) changed(ctx context.Context, base string) (changed, known paths, err error) {
	differ, err := g.output(ctx, nil, "diff", "--name-only", "--no-renames", "--no-ext-diff", "--relative", "-z", base, "--")
	if err != nil {
		return nil, nil, err
	}
	untracked, err := g.output(ctx, nil, "ls-files", "--others", "--exclude-standard", "-z")
	if err != nil {
		return nil, nil, err
	}
	tracked, err := g.output(ctx, nil, "ls-files", "--cached", "-z")
	if err != nil {
		return nil, nil, err
	}
	return newPaths(differ, untracked), newPaths(tracked, untracked), nil
}

// checkout writes the tree of a commit to a folder, by an index of its own: the repository's stays as it is.
func (g git) checkout(ctx context.Context, commit, to, index string) error {
	top, err := g.output(ctx, nil, "rev-parse", "--show-toplevel")
	if err != nil {
		return err
	}
	env := []string{"GIT_INDEX_FILE=" + index}
	if _, err := g.output(ctx, env, "read-tree", commit+":./"); err != nil {
		return err
	}
	_, err = git{top}.output(ctx, env, "checkout-index", "--all", "--quiet", "--prefix="+filepath.ToSlash(to)+"/")
	return err
}

// paths is a set of paths with forward slashes.
type paths map[string]bool

// newPaths reads lists whose elements end in NUL. A folder in one, a repository of its own, stands for all that is in it.
func newPaths(lists ...string) paths {
	p := paths{}
	for _, list := range lists {
		for name := range strings.SplitSeq(strings.TrimSuffix(list, "\x00"), "\x00") {
			if name != "" {
				p[strings.TrimSuffix(name, "/")] = true
			}
		}
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
