package lint

import (
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"example.com/stagecraft/internal/dockerfile"
	"example.com/stagecraft/internal/shell"
)

// cacheFix is the RUN that gives a manager a cache that is filled: in the home of the stage's user, where CARGO_HOME says, and
// without what keeps it empty.
func (d *Dockerfile) cacheFix(lineage []*dockerfile.Stage, in dockerfile.Instruction, title string, commands []shell.Command) string {
	target, options := shell.CacheOf(title), ""
	if title == "cargo" {
		target = d.cargoHome(lineage) + "/registry"
	}
	if home, ok := strings.CutPrefix(target, "/root/"); ok {
		if user := userAt(lineage, in); user != "" {
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

// cargoHome is where cargo keeps what it downloads: official images of Rust set CARGO_HOME.
func (d *Dockerfile) cargoHome(lineage []*dockerfile.Stage) string {
	if home := d.valuesIn(lineage)["CARGO_HOME"]; home != "" {
		return unquoted(home)
	}
	if name, _ := officialName(lineage[len(lineage)-1].Base); name == "rust" || lineage[len(lineage)-1].Base == "" {
		return "/usr/local/cargo"
	}
	return "/root/.cargo"
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
