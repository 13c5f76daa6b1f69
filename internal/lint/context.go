package lint

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/patternmatcher/ignorefile"

	"example.com/stagecraft/internal/dockerfile"
	"example.com/stagecraft/internal/finding"
)

var contextRule = &rule{Rule: finding.Rule{
	Key:      contextKey,
	Practice: "What a build may see is denied by default: .dockerignore begins with * and lists what is allowed.",
	Why: "Everything in the folder is sent to the engine and can end up in an image: keys, .git, another service's sources. A list " +
		"of what to leave out misses files that are added later, and a change to any file that is sent makes COPY run again.",
	Source: "https://docs.docker.com/build/concepts/context/#dockerignore-files",
	Fix:    "Begin .dockerignore with a line `*`, then allow what Dockerfiles copy with lines such as `!src`.",
	Bad:    "# .dockerignore\n.git\nnode_modules\n",
	Good:   "# .dockerignore\n*\n!src\n!package*.json\n",
	Needs:  finding.Context,
}, checkNamed: func(d *Dockerfile) []finding.Finding { return d.ignoreFindings() }}

const contextKey = "context"

// ignoreFindings judge the .dockerignore: of the context, or, where that is not known, one that lies next to the Dockerfile.
func (d *Dockerfile) ignoreFindings() []finding.Finding {
	if !d.usesContext() {
		return nil
	}
	name, patterns, err := d.ignored()
	report := func(what, fix string) []finding.Finding {
		return []finding.Finding{{Rule: contextKey, File: name, Message: what, Fix: fix}}
	}
	const fix = "begin it with a line `*`, then allow what is copied with lines such as `!src`"
	switch {
	case errors.Is(err, fs.ErrNotExist) && d.Context == nil:
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return report("there is none: the whole folder can be copied", "write it; "+fix)
	case err != nil:
		return report(fmt.Sprintf("it cannot be read: %v", err), "correct it")
	case !deniesAll(patterns):
		return report("it leaves out some files and allows the rest", fix)
	}
	return nil
}

// usesContext reports whether an instruction takes files from the context: BuildKit sends nothing else.
func (d *Dockerfile) usesContext() bool {
	for _, in := range d.Instructions() {
		if takesFromContext(in) {
			return true
		}
	}
	return false
}

func takesFromContext(in dockerfile.Instruction) bool {
	if in.OnBuild {
		return false // another build's context
	}
	switch c := in.Command.(type) {
	case *instructions.CopyCommand:
		return c.From == "" && len(c.SourcePaths) > 0
	case *instructions.AddCommand:
		return slices.ContainsFunc(c.SourcePaths, func(s string) bool { return !strings.Contains(s, "://") && !strings.HasPrefix(s, "git@") })
	case *instructions.RunCommand:
		return slices.ContainsFunc(instructions.GetMounts(c), func(m *instructions.Mount) bool {
			return m.Type == instructions.MountTypeBind && m.From == ""
		})
	}
	return false
}

// ignored are the patterns of the .dockerignore that BuildKit uses for the Dockerfile: its own, or else the context's. name is
// its path, as reported.
func (d *Dockerfile) ignored() (name string, patterns []string, err error) {
	files, dir, own := d.Context, d.Root, d.Name
	if files == nil {
		files, dir, own = d.Folder, path.Dir(d.Path), path.Base(d.Path)
	}
	if files == nil {
		return "", nil, fs.ErrNotExist
	}
	for _, file := range []string{own + ".dockerignore", ".dockerignore"} {
		name = path.Join(dir, file)
		data, err := fs.ReadFile(files, file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return name, nil, err
		}
		patterns, err = ignorefile.ReadAll(bytes.NewReader(data))
		return name, patterns, err
	}
	return name, nil, fs.ErrNotExist
}

// deniesAll reports whether what no pattern allows is left out.
func deniesAll(patterns []string) bool {
	denied := false
	for _, p := range patterns {
		switch p {
		case "*", "**", "**/*", "/*", "/**":
			denied = true
		case "!*", "!**", "!.", "!/", "!**/*":
			denied = false
		}
	}
	return denied
}
