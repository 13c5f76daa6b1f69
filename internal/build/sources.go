package build

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"

	"example.com/stagecraft/internal/dockerfile"
)

// sources lists the paths of the build context that a Dockerfile takes files from. Where a path has a wildcard or a
// variable, it is the folder above: too much is safe, too little is not.
func sources(file *dockerfile.File) []string {
	var paths []string
	for _, stage := range file.Stages {
		for _, i := range stage.Instructions {
			switch c := i.Command.(type) {
			case *instructions.CopyCommand:
				if c.From == "" {
					paths = append(paths, c.SourcePaths...)
				}
			case *instructions.AddCommand:
				paths = append(paths, c.SourcePaths...)
			case *instructions.RunCommand:
				for _, m := range instructions.GetMounts(c) {
					if m.Type == instructions.MountTypeBind && m.From == "" {
						paths = append(paths, m.Source)
					}
				}
			}
		}
	}
	for i, p := range paths {
		if at := strings.IndexAny(p, "*?[$\\"); at >= 0 {
			p = path.Dir(p[:at] + "x")
		}
		paths[i] = strings.TrimPrefix(path.Clean("/"+p), "/")
	}
	return paths
}

// buildContext is the build context: the repository without what .dockerignore keeps out.
type buildContext struct {
	root    string
	ignored *patternmatcher.PatternMatcher
	files   map[string]string // path → digest of mode and content, filled as asked: services share scripts
}

func newContext(root string) (*buildContext, error) {
	root, err := filepath.EvalSymlinks(root)
	if err != nil {
		return nil, fmt.Errorf("find the build context: %w", err)
	}
	ignored, err := ignoredBy(filepath.Join(root, ".dockerignore"))
	if errors.Is(err, fs.ErrNotExist) {
		ignored, err = patternmatcher.New(nil)
	}
	return &buildContext{root: root, ignored: ignored, files: map[string]string{}}, err
}

// of is the context of one Dockerfile, which may bring patterns of its own instead of the root's.
// Source: https://docs.docker.com/build/concepts/context/#filename-and-location
func (c *buildContext) of(dockerfile string) (*buildContext, error) {
	ignored, err := ignoredBy(filepath.Join(c.root, filepath.FromSlash(dockerfile+".dockerignore")))
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	return &buildContext{root: c.root, ignored: ignored, files: c.files}, err
}

func ignoredBy(name string) (*patternmatcher.PatternMatcher, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("read what the build context leaves out: %w", err)
	}
	defer file.Close()
	patterns, err := ignorefile.ReadAll(file)
	if err != nil {
		return nil, fmt.Errorf("read what the build context leaves out, %s: %w", name, err)
	}
	matcher, err := patternmatcher.New(patterns)
	if err != nil {
		return nil, fmt.Errorf("understand %s: %w", name, err)
	}
	return matcher, nil
}

// digest writes the bytes of a Dockerfile, and the modes, bytes and names of the files and folders that it takes, to sum.
func (c *buildContext) digest(sum hash.Hash, dockerfile string) error {
	data, err := os.ReadFile(filepath.Join(c.root, filepath.FromSlash(dockerfile))) // .dockerignore does not concern it
	if err != nil {
		return fmt.Errorf("read a Dockerfile: %w", err)
	}
	fmt.Fprintf(sum, "%d\n%s", len(data), data)
	names, err := c.taken(dockerfile)
	if err != nil {
		return err
	}
	for _, name := range names {
		digest, known := c.files[name]
		if !known {
			if digest, err = digestFile(filepath.Join(c.root, filepath.FromSlash(name))); err != nil {
				return fmt.Errorf("read the build context: %w", err)
			}
			c.files[name] = digest
		}
		fmt.Fprintf(sum, "%s %s\n", digest, name)
	}
	return nil
}

func parse(root, file string) (*dockerfile.File, error) {
	data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(file)))
	if err != nil {
		return nil, fmt.Errorf("read a Dockerfile: %w", err)
	}
	return dockerfile.Parse(file, data)
}

// taken lists, sorted, the files and folders of the build context that a Dockerfile takes in any of its stages. Folders end in a
// slash; of what is ignored, only those of files that are not are among them.
func (c *buildContext) taken(dockerfile string) ([]string, error) {
	file, err := parse(c.root, dockerfile) // what COPY takes is the same for all platforms
	if err != nil {
		return nil, err
	}
	own, err := c.of(dockerfile)
	if err != nil {
		return nil, err
	}
	var names []string
	seen := map[string]bool{}
	for queue := sources(file); len(queue) > 0; queue = queue[1:] {
		if seen[queue[0]] {
			continue
		}
		seen[queue[0]] = true
		found, targets, err := own.walk(queue[0])
		if err != nil {
			return nil, err
		}
		names, queue = append(names, found...), append(queue, targets...)
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// walk lists all files and folders below a path. Links among them lead to targets: COPY follows one that it is told to copy.
func (c *buildContext) walk(p string) (names, targets []string, err error) {
	above := map[string]bool{} // folders that are ignored, unless something in them is not
	err = filepath.WalkDir(filepath.Join(c.root, filepath.FromSlash(p)), func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(c.root, file)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		if ignored, err := c.ignored.MatchesOrParentMatches(name); err != nil || ignored {
			if entry.IsDir() {
				above[name] = true
			}
			return err
		}
		for dir := path.Dir(name); above[dir]; dir = path.Dir(dir) {
			names = append(names, dir+"/")
			delete(above, dir)
		}
		if entry.IsDir() {
			name += "/"
		}
		names = append(names, name)
		if entry.Type()&fs.ModeSymlink != 0 {
			targets = append(targets, c.target(file)...)
		}
		return nil
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // a missing source is the build's to report, with its line
		return nil, nil, fmt.Errorf("read the build context: %w", err)
	}
	return names, targets, nil
}

// target is where a link leads, if that is in the context.
func (c *buildContext) target(link string) []string {
	to, err := filepath.EvalSymlinks(link)
	if err != nil {
		return nil
	}
	name, err := filepath.Rel(c.root, to)
	if err != nil || !filepath.IsLocal(name) {
		return nil
	}
	return []string{filepath.ToSlash(name)}
}

func digestFile(file string) (string, error) {
	sum := sha256.New()
	info, err := os.Lstat(file)
	if err != nil {
		return "", err
	}
	fmt.Fprintln(sum, info.Mode())
	if info.Mode()&fs.ModeSymlink != 0 {
		target, err := os.Readlink(file)
		if err != nil {
			return "", err
		}
		fmt.Fprintln(sum, target)
	}
	if info.Mode().IsRegular() {
		content, err := os.Open(file)
		if err != nil {
			return "", err
		}
		defer content.Close()
		if _, err := io.Copy(sum, content); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
