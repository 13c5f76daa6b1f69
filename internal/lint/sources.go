package lint

import (
	"errors"
	"io/fs"
	"path"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/patternmatcher"

	"example.com/stagecraft/internal/finding"
)

var sources = &rule{Rule: finding.Rule{
	Key:      "sources",
	Severity: finding.Error,
	Practice: "What COPY and ADD take from the context is there, and .dockerignore does not leave it out.",
	Why: "The build fails, often only for the person who has a fresh clone. A name with * is optional, so a mistake in it is not " +
		"reported here either.",
	Source: "https://docs.docker.com/reference/build-checks/copy-ignored-file/",
	Fix:    "Correct the name, commit the file, or allow it in .dockerignore.",
	Bad:    "FROM scratch\nCOPY go.mod go.sum /src/\n",
	Good:   "FROM scratch\nCOPY go.mod /src/\n",
	Needs:  finding.Context,
}, check: func(d *Dockerfile, found atLine) {
	matcher := d.ignoreMatcher()
	for _, in := range d.Instructions() {
		if in.OnBuild {
			continue // another build's context
		}
		for _, name := range contextSources(in.Command) {
			_, err := fs.Stat(d.Context, name)
			if errors.Is(err, fs.ErrNotExist) {
				found(in.Line, name+" is not in the context", "correct the name, or commit the file")
			} else if err == nil && matcher != nil && name != "." && d.hidden(matcher, name) {
				found(in.Line, name+" is left out by .dockerignore", "add a line `!"+name+"` there")
			}
		}
	}
}}

// contextSources are the paths that an instruction takes from the context and that must exist.
func contextSources(c instructions.Command) []string {
	var all []string
	switch c := c.(type) {
	case *instructions.CopyCommand:
		if c.From != "" {
			return nil
		}
		all = c.SourcePaths
	case *instructions.AddCommand:
		all = c.SourcePaths
	}
	var names []string
	for _, name := range all {
		if strings.ContainsAny(name, `*?[\$`) || strings.Contains(name, "://") || strings.HasPrefix(name, "git@") {
			continue
		}
		clean := strings.TrimPrefix(path.Clean("/"+name), "/") // the context is the root; .. does not leave it
		if clean == "" {
			clean = "."
		}
		names = append(names, clean)
	}
	return names
}

func (d *Dockerfile) ignoreMatcher() *patternmatcher.PatternMatcher {
	_, patterns, err := d.ignored()
	if err != nil {
		return nil
	}
	matcher, err := patternmatcher.New(patterns)
	if err != nil {
		return nil
	}
	return matcher
}

// hidden reports whether nothing of a path is sent: neither it nor, for a folder, anything in it.
func (d *Dockerfile) hidden(matcher *patternmatcher.PatternMatcher, name string) bool {
	sent := false
	_ = fs.WalkDir(d.Context, name, func(p string, _ fs.DirEntry, err error) error {
		if err != nil {
			return nil //nolint:nilerr // what cannot be read is not sent
		}
		if out, err := matcher.MatchesOrParentMatches(p); err == nil && !out {
			sent = true
			return fs.SkipAll
		}
		return nil
	})
	return !sent
}
