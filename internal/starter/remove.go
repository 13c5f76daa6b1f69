package starter

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/moby/sys/atomicwriter"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/deploy"
	"example.com/stagecraft/internal/git"
	"example.com/stagecraft/internal/render"
	"example.com/stagecraft/internal/sizetable"
)

// Removed is what Remove did.
type Removed struct {
	Dir     string   // the service's folder
	Changed []string // other files that were changed or removed
	Kept    []string // files that still name the service, each with a number of lines
}

// Remove removes a service or an example: its folder, what it is compared with, and what names it in rendered files, in the
// README's table of sizes, in the settings of Dependabot and among the deployed images. Uncommitted changes in what would go are an error unless forced.
func Remove(ctx context.Context, root, name string, force bool) (Removed, error) {
	removed, err := remove(ctx, root, name, force)
	if err != nil {
		return Removed{}, fmt.Errorf("remove %s: %w", name, err)
	}
	return removed, nil
}

func remove(ctx context.Context, root, name string, force bool) (Removed, error) {
	repository, err := catalog.Load(root)
	if err != nil {
		return Removed{}, err
	}
	service, err := find(repository.All(), name)
	if err != nil {
		return Removed{}, err
	}
	for _, other := range repository.All() {
		if slices.Contains(other.DependsOn, name) {
			return Removed{}, fmt.Errorf("%s/service.yaml:%d: depends_on names it; remove that first", other.Dir, other.Line(root, "depends_on"))
		}
	}
	going := append([]string{service.Dir}, compared(root, name)...)
	if !force {
		if err := committed(ctx, root, going); err != nil {
			return Removed{}, err
		}
	}
	edits, err := mentions(root, service)
	if err != nil {
		return Removed{}, err
	}
	changed := going[1:]
	err = without(root, going, func() error {
		for file, content := range edits {
			if err := atomicwriter.WriteFile(filepath.Join(root, filepath.FromSlash(file)), content, 0o644); err != nil {
				return err
			}
			changed = append(changed, file)
		}
		images, err := deploy.Load(root)
		if err != nil {
			return err
		}
		if _, ok := images[name]; ok {
			delete(images, name)
			if err := images.Write(root); err != nil {
				return err
			}
			changed = append(changed, deploy.ImagesFile)
		}
		rest, err := catalog.Load(root)
		if err != nil {
			return err
		}
		rendered, err := render.Write(root, rest)
		changed = append(changed, rendered...)
		return err
	})
	if err != nil {
		return Removed{}, err
	}
	slices.Sort(changed)
	kept, err := naming(ctx, root, service)
	return Removed{Dir: service.Dir, Changed: changed, Kept: kept}, err
}

// compared are the Dockerfiles that a service is compared with in benchmarks.
func compared(root, name string) []string {
	found, _ := fs.Glob(os.DirFS(root), "bench/*/"+name+".Dockerfile") // the pattern is a good one
	return found
}

// committed is an error when paths have changes that git has not stored.
func committed(ctx context.Context, root string, paths []string) error {
	changes, err := uncommitted(ctx, root, paths...)
	if err != nil {
		return err
	}
	if len(changes) > 0 {
		return fmt.Errorf("%d of its files have changes that are not committed, first %s; commit them, or add -force", len(changes), changes[0])
	}
	return nil
}

// uncommitted are files with changes that git has not stored, of all or below some paths.
func uncommitted(ctx context.Context, root string, paths ...string) ([]string, error) {
	changes, err := git.List(ctx, root, append([]string{"status", "--porcelain", "--untracked-files=all", "--no-renames", "-z", "--"}, paths...)...)
	for i, line := range changes { // XY PATH
		changes[i] = line[3:]
	}
	return changes, err
}

// without moves paths away, does something, and deletes them; after an error they are back.
func without(root string, paths []string, do func() error) (err error) {
	out := filepath.Join(root, "out")
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	bin, err := os.MkdirTemp(out, "removed-")
	if err != nil {
		return err
	}
	moved := map[string]string{}
	defer func() {
		if err != nil {
			for to, from := range moved {
				err = errors.Join(err, os.Rename(from, to))
			}
		}
		err = errors.Join(err, os.RemoveAll(bin))
	}()
	for i, name := range paths {
		from, to := filepath.Join(root, filepath.FromSlash(name)), filepath.Join(bin, strconv.Itoa(i))
		if err := os.Rename(from, to); err != nil {
			return err
		}
		moved[from] = to
	}
	return do()
}

// mentions are new contents of files that list the service.
func mentions(root string, service catalog.Service) (map[string][]byte, error) {
	edits := map[string][]byte{}
	for file, edit := range map[string]func(text string) (string, error){
		"README.md":              func(text string) (string, error) { return sizetable.Remove(text, service.Name) },
		".github/dependabot.yml": func(text string) (string, error) { return unlisted(text, service.Dir), nil },
	} {
		data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(file)))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		text, err := edit(string(data))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if text != string(data) {
			edits[file] = []byte(text)
		}
	}
	return edits, nil
}

// unlisted is YAML without a folder in its lists. A list that has nothing else stays: it would have to go with what it is for.
func unlisted(text, folder string) string {
	item := `["']?/` + regexp.QuoteMeta(folder) + `/?["']?`
	for _, edit := range []struct{ pattern, with string }{
		{`,\s*` + item + `(\s*[,\]])`, "$1"},
		{`\[\s*` + item + `\s*,\s*`, "["},
		{`(?m)(^[ \t]*- .*\n)[ \t]*- +` + item + `[ \t]*(?:#.*)?\n`, "$1"},
		{`(?m)^[ \t]*- +` + item + `[ \t]*(?:#.*)?\n([ \t]*- +["']?/)`, "$1"},
	} {
		text = regexp.MustCompile(edit.pattern).ReplaceAllString(text, edit.with)
	}
	return text
}

// naming are the files outside the tooling that name a service, each with the number of its lines that do. A name of one word may mean anything:
// there, only the folder counts.
func naming(ctx context.Context, root string, service catalog.Service) (places []string, err error) {
	names, err := git.List(ctx, root, "ls-files", "--cached", "--others", "--exclude-standard", "-z")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		if err != nil || !text(data) || isTooling(name) {
			continue
		}
		lines := 0
		for line := range strings.Lines(string(data)) {
			if slices.Contains(folder.FindAllString(line, -1), service.Dir) ||
				strings.Contains(service.Name, "-") && slices.Contains(word.FindAllString(line, -1), service.Name) {
				lines++
			}
		}
		switch lines {
		case 0:
		case 1:
			places = append(places, name)
		default:
			places = append(places, fmt.Sprintf("%s, %d lines", name, lines))
		}
	}
	return places, nil
}
