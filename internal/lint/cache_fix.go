package lint

import (
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"example.com/stagecraft/internal/dockerfile"
	"example.com/stagecraft/internal/shell"
)

// cacheFix is the RUN that gives a manager a cache that is filled: where its settings and the stage's user make it look, and
// without what keeps it empty.
func (d *Dockerfile) cacheFix(lineage []*dockerfile.Stage, in dockerfile.Instruction, title string, commands []shell.Command) string {
	target, options := d.cacheOf(lineage, title), ""
	if user := userAt(lineage, in); user != "" {
		options = ",uid=UID, with the number of " + user
		if home, ok := strings.CutPrefix(target, "/root/"); ok {
			target, options = "/home/"+user+"/"+home, ",uid=UID, with the home and the number of "+user
		}
	}
	fix := "RUN --mount=type=cache,target=" + target + options
	if title == "apt" {
		fix = aptMounts
	}
	_, others := emptiedBy(commands, title, target)
	return strings.Join(append([]string{fix}, others...), ", and ")
}

// movable are the managers whose folder a variable moves, as official images do.
var movable = map[string]struct{ variable, image, there, elsewhere, cache string }{
	"cargo":    {"CARGO_HOME", "rust", "/usr/local/cargo", "/root/.cargo", "/registry"},
	"composer": {"COMPOSER_HOME", "composer", "/tmp", "/root/.composer", "/cache"},
}

// cacheOf is where a manager keeps what it downloads when root runs it in a stage.
func (d *Dockerfile) cacheOf(lineage []*dockerfile.Stage, title string) string {
	m, ok := movable[title]
	if !ok {
		return shell.CacheOf(title)
	}
	if home := d.valuesIn(lineage)[m.variable]; home != "" {
		return unquoted(home) + m.cache
	}
	base := lineage[len(lineage)-1].Base
	if name, _ := officialName(base); name == m.image || base == "" {
		return m.there + m.cache
	}
	return m.elsewhere + m.cache
}

// userAt is the user that an instruction runs as, "" for root.
func userAt(lineage []*dockerfile.Stage, at dockerfile.Instruction) string {
	for n, s := range lineage {
		for i := len(s.Instructions) - 1; i >= 0; i-- {
			c, ok := s.Instructions[i].Command.(*instructions.UserCommand)
			if !ok || n == 0 && s.Instructions[i].Line > at.Line {
				continue
			}
			name, _, _ := strings.Cut(c.User, ":")
			if name == "root" || name == "0" {
				return ""
			}
			return name
		}
	}
	return ""
}
