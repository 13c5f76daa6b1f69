package project

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"example.com/stagecraft/internal/starter"
	"example.com/stagecraft/internal/version"
)

// New makes services/NAME from another service or an example, hello-go where none is named, runs its unit tests where that takes
// no more than Go, and writes what it did and what comes next.
func (p Project) New(ctx context.Context, name, from string) error {
	if name == "" {
		return errors.New("make a service: its name is missing; add -name=greeter")
	}
	made, err := starter.New(ctx, p.Root, cmp.Or(from, "hello-go"), name)
	if err != nil {
		return err
	}
	dir := made.Service.Dir
	fmt.Fprintf(p.Out, "made %s from %s: %d files", dir, made.From.Dir, made.Files)
	if made.Service.Port > 0 {
		fmt.Fprintf(p.Out, ", port %d", made.Service.Port)
	}
	fmt.Fprintf(p.Out, "\nrendered %s\n", strings.Join(made.Rendered, ", "))
	p.kept(made.Kept, "where the old name may mean something else, or a program wrote it")
	if _, err := os.Stat(filepath.Join(p.Root, filepath.FromSlash(dir), "go.mod")); err == nil {
		p.say("unit tests of %s", dir)
		if err := p.goCommand(ctx, filepath.FromSlash(dir), nil, "test", "./..."); err != nil {
			return fmt.Errorf("%s is made, but its unit tests fail, see above; once fixed, try: go tool mage test:service -name=%s", dir, name)
		}
	}
	fmt.Fprintf(p.Out, `next: write its description, checks and sizes into %s/service.yaml, then
    go tool mage render
    go tool mage test:service -name=%s    # its linters and unit tests, in a container; its image; its promises
    go tool mage docs    # its row in the README's table of sizes
`, dir, name)
	return nil
}

// Remove removes a service or an example and writes what changed with it.
func (p Project) Remove(ctx context.Context, name string, force bool) error {
	if name == "" {
		return errors.New("remove a service: its name is missing; add -name=hello-c")
	}
	removed, err := starter.Remove(ctx, p.Root, name, force)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.Out, "removed %s; changed %s\n", removed.Dir, strings.Join(removed.Changed, ", "))
	p.kept(removed.Kept, "their texts still mention it, for you to change")
	fmt.Fprintln(p.Out, "next: go tool mage lint, then commit")
	return nil
}

// Rename gives the project another name, the Go modules below services/, libs/ and examples/ another prefix, and images another
// source (empty: https:// and the prefix). It writes what changed and what was kept.
func (p Project) Rename(ctx context.Context, name, module, source string) error {
	if name == "" || module == "" {
		return errors.New("rename the project: its new name or module is missing; add -name=shop -module=github.com/acme/shop")
	}
	renamed, err := starter.Rename(ctx, p.Root, starter.Identity{Name: name, Module: module, Source: source})
	if err != nil {
		return err
	}
	fmt.Fprintf(p.Out, "renamed %s to %s, with source %s: %d files changed\n", renamed.Was.Name, name, renamed.Source, len(renamed.Changed))
	for _, old := range slices.Sorted(maps.Keys(renamed.Modules)) {
		fmt.Fprintf(p.Out, "    module %s is %s\n", old, renamed.Modules[old])
	}
	kept := map[string][]string{}
	for _, k := range renamed.Kept {
		kept[k.Why] = append(kept[k.Why], k.Path)
	}
	for _, why := range slices.Sorted(maps.Keys(kept)) {
		fmt.Fprintf(p.Out, "kept, %s:\n    %s\n", why, strings.Join(kept[why], ", "))
	}
	fmt.Fprintln(p.Out, "next: go tool mage lint, then commit; `git restore .` undoes it")
	return nil
}

// Version writes the version of the tooling, which CHANGELOG.md describes.
func (p Project) Version() {
	fmt.Fprintln(p.Out, "stagecraft", version.Version)
}

// Upgrade merges a revision of upstream, upstream/main where none is named, and writes what comes next. The merge is left to be
// tested and committed.
func (p Project) Upgrade(ctx context.Context, from string) error {
	upgraded, err := starter.Upgrade(ctx, p.Root, cmp.Or(from, "upstream/main"), func(ctx context.Context) error {
		// The merged tooling may render otherwise than the one that runs now, and go.work is rendered itself.
		return p.goCommand(ctx, ".", nil, "tool", "mage", "render")
	})
	if err != nil {
		return err
	}
	if upgraded.Commits == 0 {
		fmt.Fprintln(p.Out, "there is nothing new upstream")
		return nil
	}
	fmt.Fprintf(p.Out, "merged, but not committed yet: commits of upstream: %d, files that change: %d; CHANGELOG.md says what that means for you\n", upgraded.Commits, upgraded.Changed)
	p.kept(upgraded.Removed, "removed here, although upstream changed them")
	fmt.Fprintln(p.Out, "next: go tool mage test, then git commit; `git merge --abort` undoes it")
	return nil
}

// kept writes what was left as it is, and why.
func (p Project) kept(places []string, why string) {
	if len(places) == 0 {
		return
	}
	fmt.Fprintf(p.Out, "kept, %s:\n", why)
	for _, place := range places {
		fmt.Fprintln(p.Out, "   ", place)
	}
}
