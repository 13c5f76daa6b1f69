package build

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/command"
	"example.com/stagecraft/internal/progress"
	"example.com/stagecraft/internal/render"
)

// bake builds targets of the committed bake file with an overlay, which is kept in dir meanwhile. what names them for people;
// flags are further options of bake.
func (b *Builder) bake(ctx context.Context, dir, what string, o overlay, targets []string, flags ...string) error {
	cmd, err := b.bakeCommand(ctx, dir, o, targets)
	if err != nil {
		return err
	}
	cmd.Args = append(cmd.Args, flags...)
	cmd.Stdout, cmd.Stderr = b.progress, b.progress
	interrupted := fmt.Errorf("build %s: interrupted; the last good images are untouched", what)
	if os.Getenv(progress.Setting) != "" {
		if err := cmd.Run(ctx); ctx.Err() != nil {
			return interrupted
		} else if err != nil {
			return fmt.Errorf("build %s: the step that failed is above", what)
		}
		return nil
	}
	display := progress.New(b.progress)
	cmd.Args = append(cmd.Args, progress.Flag)
	cmd.Stderr = display
	err = cmd.Run(ctx)
	display.Close()
	if ctx.Err() != nil {
		return interrupted
	}
	if err != nil {
		return b.failed(what, display.Failure(), err, o, targets)
	}
	return nil
}

func (b *Builder) bakeCommand(ctx context.Context, dir string, o overlay, targets []string) (command.Command, error) {
	who, err := b.who(ctx)
	if err != nil {
		return command.Command{}, err
	}
	data, err := o.bytes()
	if err != nil {
		return command.Command{}, err
	}
	file := filepath.Join(dir, "overlay.json")
	// In it may be the password of a proxy.
	if err := os.WriteFile(file, data, 0o600); err != nil {
		return command.Command{}, fmt.Errorf("write the bake overlay: %w", err)
	}
	args := append(slices.Clone(b.engine.Buildx), "bake", "--builder="+who)
	for _, committed := range bakeFiles(b.root) {
		args = append(args, "--file="+committed)
	}
	args = append(args, "--file="+file)
	for _, p := range o.outside() {
		args = append(args, "--allow=fs.read="+p)
	}
	if b.fromNothing {
		args = append(args, "--no-cache")
	}
	return command.Command{Args: append(args, targets...), Dir: b.root, Env: b.engine.Env()}, nil
}

// outside lists the paths that the overlay makes bake read, sorted. bake needs permission to read what is not below its own
// folder. Source: https://docs.docker.com/reference/cli/docker/buildx/bake/#allow
func (o overlay) outside() []string {
	paths := map[string]bool{}
	for _, t := range o.Target {
		for _, s := range t.Secret {
			fields, _ := csv.NewReader(strings.NewReader(s)).Read() // as quoted wrote it
			for _, f := range fields {
				if file, ok := strings.CutPrefix(f, "src="); ok {
					paths[file] = true
				}
			}
		}
		for _, where := range t.Contexts {
			if layout, ok := strings.CutPrefix(where, "oci-layout://"); ok {
				layout, _, _ = strings.Cut(layout, "@")
				if _, err := os.Stat(layout); err != nil { // with a tag instead of a digest
					layout = layout[:max(strings.LastIndex(layout, ":"), 0)]
				}
				paths[layout] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(paths))
}

// bakeFiles are the committed bake files, relative to root.
func bakeFiles(root string) []string {
	var files []string
	for _, folder := range catalog.Folders {
		if file := render.BakeFile(folder); isFile(filepath.Join(root, filepath.FromSlash(file))) {
			files = append(files, file)
		}
	}
	return files
}

// committedTargets are the targets of the committed bake files, by name.
func committedTargets(root string) (map[string]json.RawMessage, error) {
	all := map[string]json.RawMessage{}
	for _, file := range bakeFiles(root) {
		var committed struct {
			Target map[string]json.RawMessage `json:"target"`
		}
		data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(file)))
		if err != nil {
			return nil, fmt.Errorf("read the bake file: %w; run: %s", err, render.Fix)
		}
		if err := json.Unmarshal(data, &committed); err != nil {
			return nil, fmt.Errorf("read the bake file %s: %w; run: %s", file, err, render.Fix)
		}
		maps.Copy(all, committed.Target)
	}
	return all, nil
}
