package build

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"example.com/stagecraft/internal/progress"
)

// failed shows what the step that failed wrote, and the lines of its Dockerfile, and is the one line that says where it is.
// What was being built names what, for a failure before any step; ended is how buildx did, for when it said nothing.
func (b *Builder) failed(what string, f progress.Failure, ended error, o overlay, targets []string) error {
	if f.Step == nil {
		if f.Words != "" {
			fmt.Fprintln(b.progress, f.Words)
		}
		if f.Reason == "" {
			return fmt.Errorf("build %s: buildx ended without a reason: %w", what, cmp.Or(errors.Unwrap(ended), ended))
		}
		return fmt.Errorf("build %s: %s", what, f.Reason)
	}
	target := f.Step.Target
	if target == "" {
		target = targets[0] // buildx names targets only where there are several
	}
	file := b.dockerfile(target, o)
	where := file
	if f.Line > 0 {
		where = fmt.Sprintf("%s:%d", file, f.Line)
	}
	fmt.Fprintf(b.progress, "\n%s: %s\n", f.Step, f.Step.Command)
	for _, part := range []string{f.Output, excerpt(f.Words, where)} {
		if part != "" {
			fmt.Fprintln(b.progress, part)
		}
	}
	what = target
	if f.Step.Platform != "" {
		what += " for " + f.Step.Platform
	} else if t := o.Target[target]; t != nil && len(t.Platforms) == 1 {
		what += " for " + t.Platforms[0]
	}
	return fmt.Errorf("build %s: %s, step %s: %s; what it wrote is above", what, where, cmp.Or(f.Step.Stage, f.Step.Command), f.Reason)
}

// excerpt is the part of buildx's last words that shows lines of a Dockerfile, with its whole path.
func excerpt(words, where string) string {
	const rule = "--------------------"
	_, lines, ok := strings.Cut(words, rule+"\n")
	lines, _, closed := strings.Cut(lines, "\n"+rule)
	if !ok || !closed {
		return ""
	}
	return where + "\n" + lines
}

// dockerfile is the Dockerfile of a target.
func (b *Builder) dockerfile(target string, o overlay) string {
	if t := o.Target[target]; t != nil && t.Dockerfile != "" {
		return t.Dockerfile
	}
	var committed struct{ Dockerfile string }
	targets, err := committedTargets(b.root)
	if err != nil || json.Unmarshal(targets[target], &committed) != nil || committed.Dockerfile == "" {
		return "the Dockerfile of " + target
	}
	return committed.Dockerfile
}
