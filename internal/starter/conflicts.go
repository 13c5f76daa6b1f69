package starter

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/moby/sys/atomicwriter"

	"example.com/stagecraft/internal/git"
)

// conflict is a file that git could not merge: its objects in the common commit, here, and upstream; "" where it is not there.
type conflict struct {
	base, ours, theirs string
	irregular          bool // a link or a repository
}

// resolve settles conflicts about rendered files and about names; it returns the files of all others.
func (u *upstream) resolve(ctx context.Context, rendered map[string][]byte) (left []string, err error) {
	lines, err := git.List(ctx, u.root, "ls-files", "--unmerged", "-z")
	if err != nil {
		return nil, err
	}
	var names []string
	conflicts := map[string]conflict{}
	for _, line := range lines {
		facts, name, _ := strings.Cut(line, "\t") // MODE OBJECT STAGE
		fields := strings.Fields(facts)
		c, known := conflicts[name]
		if !known {
			names = append(names, name)
		}
		switch fields[2] {
		case "1":
			c.base = fields[1]
		case "2":
			c.ours = fields[1]
		case "3":
			c.theirs = fields[1]
		}
		c.irregular = c.irregular || !strings.HasPrefix(fields[0], "100")
		conflicts[name] = c
	}
	for _, name := range names {
		c := conflicts[name]
		_, follows := rendered[name]
		settled := false
		switch {
		case c.irregular || c.ours == "":
		case follows:
			settled, err = true, errors.Join(u.on(ctx, name, "checkout", "--ours"), u.on(ctx, name, "add"))
		default:
			settled, err = u.again(ctx, name, c)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if !settled {
			left = append(left, name)
		}
	}
	return left, nil
}

// on runs a command of git on one file.
func (u *upstream) on(ctx context.Context, name string, command ...string) error {
	_, err := u.git(ctx, append(append([]string{"--literal-pathspecs"}, command...), "--", name)...)
	return err
}

// replace replaces the content of a file, whose mode stays, and stages it.
func (u *upstream) replace(ctx context.Context, name string, content []byte) error {
	file := filepath.Join(u.root, filepath.FromSlash(name))
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	if err := atomicwriter.WriteFile(file, content, info.Mode().Perm()); err != nil {
		return err
	}
	return u.on(ctx, name, "add")
}

// again merges a file again, with upstream's versions under this project's names, and reports whether that leaves no conflict.
func (u *upstream) again(ctx context.Context, name string, c conflict) (settled bool, err error) {
	ours, err := git.Blob(ctx, u.root, c.ours)
	if err != nil {
		return false, err
	}
	var base, theirs []byte
	if c.base != "" {
		if base, err = git.Blob(ctx, u.root, c.base); err != nil {
			return false, err
		}
	}
	base = u.here(name, base, ours)
	if c.theirs == "" {
		if !bytes.Equal(base, ours) {
			return false, nil
		}
		return true, u.on(ctx, name, "rm", "--quiet")
	}
	if theirs, err = git.Blob(ctx, u.root, c.theirs); err != nil {
		return false, err
	}
	merged, clean, err := mergeFile(ctx, ours, base, u.here(name, theirs, ours))
	if err != nil || !clean { // then git's own markers stay
		return false, err
	}
	return true, u.replace(ctx, name, merged)
}

// mergeFile is git's merge of three texts, clean if they have no conflict.
func mergeFile(ctx context.Context, ours, base, theirs []byte) (merged []byte, clean bool, err error) {
	dir, err := os.MkdirTemp("", "merge-")
	if err != nil {
		return nil, false, err
	}
	defer os.RemoveAll(dir)
	for name, content := range map[string][]byte{"0": ours, "1": base, "2": theirs} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			return nil, false, err
		}
	}
	_, err = git.Output(ctx, dir, nil, "merge-file", "0", "1", "2")
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) { // conflicts, or no text
		return nil, false, nil
	}
	if err == nil {
		merged, err = os.ReadFile(filepath.Join(dir, "0"))
	}
	return merged, err == nil, err
}
