package lint

import (
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/dockerfile"
	"example.com/stagecraft/internal/finding"
	"example.com/stagecraft/internal/shell"
)

// Dockerfile is a Dockerfile to look at, and what else is known about it.
type Dockerfile struct {
	*dockerfile.File
	Path    string           // as reported
	Service *catalog.Service // nil when it belongs to none
	Context fs.FS            // what it is built from; nil when not known
	Root    string           // the path of Context, as reported; "" for the current folder
	Name    string           // its path in Context; its own name when it lies outside, "" when Context is not known
	Folder  fs.FS            // that holds it, where that is not in Context; nil otherwise
	Now     time.Time

	data     []byte
	contexts map[string]bool // the named contexts that files next to it declare

	values   map[*dockerfile.Stage]map[string]string
	commands map[*instructions.RunCommand][]shell.Command
	foreign  map[*instructions.RunCommand]bool // not in a language that is understood
}

// lintDockerfile checks one Dockerfile against the rules and applies its waivers. shared are the waivers of its service.
func lintDockerfile(d *Dockerfile, data []byte, rules []*rule, shared finding.Waivers) finding.Report {
	report := finding.Report{Subjects: 1, Rules: Rules}
	file, err := dockerfile.Parse(d.Path, data)
	if err != nil {
		report.Findings = append(report.Findings, unreadable(d, err))
		return report
	}
	d.File, d.data = file, data
	for _, r := range rules {
		if r.Needs == finding.Context && d.Context == nil && r.Key != contextKey || r.Needs == finding.Service && d.Service == nil {
			continue
		}
		if r.checkNamed != nil {
			report.Findings = append(report.Findings, r.checkNamed(d)...)
			continue
		}
		r.check(d, func(line int, what, fix string, about ...string) {
			report.Findings = append(report.Findings, finding.Finding{
				Rule: r.Key, File: d.Path, Line: line, Path: strings.Join(about, ""), Message: what, Fix: fix,
			})
		})
	}
	own, faults := fromComments(d)
	append(own, shared...).Apply(&report, d.Now)
	report.Findings = append(report.Findings, faults...)
	report.Findings = append(report.Findings, own.Faults(Rules, d.Now, true)...)
	return report
}

// final is the stages that end up in the image, the last one first.
func (d *Dockerfile) final() []*dockerfile.Stage {
	if final := d.Final(); final != nil {
		return final.Lineage()
	}
	return nil
}

// ships reports whether the final stage is an image to run. Some files only run a check, or hand files to --output: the last of
// their stages ends in a RUN, or copies into nothing, and nothing says how it is started; or its name says what it is for.
func (d *Dockerfile) ships() bool {
	stages := d.final()
	if len(stages) == 0 {
		return false
	}
	if d.Service != nil {
		return true
	}
	if forWork.MatchString(stages[0].Name) {
		return false
	}
	for _, s := range stages {
		for _, in := range s.Instructions {
			switch in.Command.(type) {
			case *instructions.CmdCommand, *instructions.EntrypointCommand, *instructions.ExposeCommand, *instructions.HealthCheckCommand:
				return true
			}
		}
	}
	if stages[len(stages)-1].Scratch() {
		return false
	}
	if d.startedByBase() {
		return true
	}
	for _, s := range stages {
		if n := len(s.Instructions); n > 0 {
			_, isRun := s.Instructions[n-1].Command.(*instructions.RunCommand)
			return !isRun
		}
	}
	return true
}

// startedByBase reports whether the final stage is an image that is started by what its base says: the only stage, unless the
// file's name says what it is for, or one without a name that takes over what others made.
func (d *Dockerfile) startedByBase() bool {
	last := d.Final()
	switch {
	case !last.External() || last.Base == "":
		return false
	case len(d.Stages) == 1:
		name := strings.TrimPrefix(strings.ToLower(path.Base(d.Path)), "dockerfile.")
		return !forWork.MatchString(name) && !strings.HasPrefix(name, "build")
	default:
		return last.Name == "" && slices.ContainsFunc(last.Instructions, copiesFrom)
	}
}

// copiesFrom reports whether an instruction brings what another stage made.
func copiesFrom(in dockerfile.Instruction) bool {
	c, ok := in.Command.(*instructions.CopyCommand)
	return ok && c.From != ""
}

// forWork are the names of stages that are for the people who work on the code.
var forWork = regexp.MustCompile(`^(dev|test|lint|debug|validate|vendor|update)|(check|lint)$`)

// needed are the stages that the final one is made from, itself included.
func (d *Dockerfile) needed() map[*dockerfile.Stage]bool {
	seen := map[*dockerfile.Stage]bool{}
	todo := d.final()
	for len(todo) > 0 {
		s := todo[0]
		todo = todo[1:]
		if s == nil || seen[s] {
			continue
		}
		seen[s] = true
		todo = append(todo, s.Parent)
		for _, in := range s.Instructions {
			for _, ref := range in.Sources() {
				todo = append(todo, d.Stage(ref, s.Index))
			}
		}
	}
	return seen
}

// firstLine is the line of the first instruction.
func (d *Dockerfile) firstLine() int {
	return d.instructionBelow(0)
}

// instructionBelow is the line of the first instruction at or below a line, the instruction that a comment is about.
func (d *Dockerfile) instructionBelow(line int) int {
	below := 0
	consider := func(start, end int) {
		if end > line && (below == 0 || start < below) {
			below = start
		}
	}
	for _, a := range d.Args {
		consider(a.Line, a.Line)
	}
	for _, s := range d.Stages {
		consider(s.Line, s.Line)
		for _, in := range s.Instructions {
			consider(in.Line, in.End)
		}
	}
	return below
}
