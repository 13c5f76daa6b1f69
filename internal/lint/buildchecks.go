package lint

import (
	"bytes"
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/subrequests/lint"
	"github.com/moby/buildkit/solver/pb"
	"github.com/opencontainers/go-digest"

	"example.com/stagecraft/internal/finding"
)

var buildChecks = &rule{Rule: finding.Rule{
	Key:      "build-checks",
	Practice: "BuildKit's own checks find nothing; each is reported under its own name, such as UndefinedVar.",
	Why: "A misspelled variable is an empty string, and only the last CMD or ENTRYPOINT counts: the build succeeds, and the image does " +
		"something else. These are the checks of `docker buildx build --check`, run without an engine and without pulling images: a variable " +
		"that an unknown base image may set is reported only where a similar name is declared.",
	Names:  slices.Sorted(maps.Keys(checkFixes)),
	Source: "https://docs.docker.com/reference/build-checks/",
	Fix: "Follow the page of the check. `# check=skip=NAME` in the first lines skips a check for the whole file. JSONArgsRecommended, MaintainerDeprecated, " +
		"SecretsUsedInArgOrEnv and CopyIgnoredFile are left to the rules exec-form, maintainer, secrets and sources.",
	Bad:  "FROM scratch\nARG RELEASE\nCOPY app-${RELEASES} /app\n",
	Good: "FROM scratch\nARG RELEASE\nCOPY app-${RELEASE} /app\n",
}, checkNamed: (*Dockerfile).buildCheckFindings}

// ownRule are the checks that a rule of this package makes, in more cases or with fewer mistakes; and the one about base
// images, which are not pulled.
var ownRule = []string{
	linter.RuleJSONArgsRecommended.Name, linter.RuleMaintainerDeprecated.Name, linter.RuleSecretsUsedInArgOrEnv.Name,
	linter.RuleCopyIgnoredFile.Name, linter.RuleInvalidBaseImagePlatform.Name,
}

// checkFixes are the checks of BuildKit and the edit that fixes what each finds.
var checkFixes = map[string]string{
	linter.RuleStageNameCasing.Name:                 "write the stage's name in lower case",
	linter.RuleFromAsCasing.Name:                    "write FROM and AS in the same case",
	linter.RuleNoEmptyContinuation.Name:             "remove the empty line, or the \\ above it",
	linter.RuleConsistentInstructionCasing.Name:     "write all instructions in the same case",
	linter.RuleDuplicateStageName.Name:              "give each stage a name of its own",
	linter.RuleReservedStageName.Name:               "choose another name for the stage",
	linter.RuleUndefinedArgInFrom.Name:              "declare it with ARG above the first FROM, or correct the name",
	linter.RuleWorkdirRelativePath.Name:             "write an absolute path: WORKDIR /PATH",
	linter.RuleUndefinedVar.Name:                    "declare it with ARG or ENV above this line, or correct the name",
	linter.RuleMultipleInstructionsDisallowed.Name:  "remove all but the last",
	linter.RuleLegacyKeyValueFormat.Name:            `write KEY="VALUE"`,
	linter.RuleRedundantTargetPlatform.Name:         "remove --platform",
	linter.RuleInvalidDefaultArgInFrom.Name:         "give the ARG a default that makes a valid image name",
	linter.RuleFromPlatformFlagConstDisallowed.Name: "remove --platform, or write --platform=$BUILDPLATFORM for a builder stage",
	linter.RuleInvalidDefinitionDescription.Name:    "begin the comment with the name that it describes, or put an empty line below it",
	linter.RuleExposeProtoCasing.Name:               "write the protocol in lower case",
	linter.RuleExposeInvalidFormat.Name:             "write only the port: EXPOSE 8080",
}

// maxRefusals is after how many refused instructions the rest of a file is left unread.
const maxRefusals = 5

// buildCheckFindings runs BuildKit's linter. It stops at the first instruction that it refuses; that instruction is reported
// unless the rule parse has done so, and blanked out for the next run.
func (d *Dockerfile) buildCheckFindings() []finding.Finding {
	if d.otherFrontend() || !d.bounded() {
		return nil
	}
	data := bytes.Clone(d.data)
	refused := map[int]bool{}
	for _, p := range d.Problems {
		refused[p.Line] = true
	}
	blank(data, refused)
	var errors []finding.Finding
	for range maxRefusals {
		results := runBuildChecks(data, d.unsetArguments())
		if results == nil {
			return nil
		}
		if results.Error == nil {
			return append(errors, d.warnings(results)...)
		}
		line := firstOf(results.Error.Location.Ranges)
		text := d.textAt(line)
		if text == "" || refused[line] {
			return append(errors, d.warnings(results)...) // of the whole file, as check=error=true asks for, or of a FROM
		}
		refused[line] = true
		below := strings.Contains(results.Error.Message, "needs to be defined before") // which the rule parse reports, in every stage
		if !below && !strings.Contains(text, "$") {                                    // a variable may have a better value in a build
			errors = append(errors, finding.Finding{
				Rule: parse.Key, File: d.Path, Line: line, Message: "a build stops here: " + strings.Join(strings.Fields(results.Error.Message), " "),
				Fix: "correct it as in https://docs.docker.com/reference/dockerfile/",
			})
		}
		if !blank(data, map[int]bool{line: true}) {
			return append(errors, d.warnings(results)...)
		}
	}
	return errors
}

// runBuildChecks is what BuildKit's linter says, nil when it fails on the file.
func runBuildChecks(data []byte, arguments map[string]string) (results *lint.LintResults) {
	defer func() {
		if recover() != nil {
			results = nil
		}
	}()
	source := llb.NewSourceMap(nil, "Dockerfile", "Dockerfile", data)
	source.Definition = &llb.Definition{} // must be there
	opt := dockerfile2llb.ConvertOpt{SourceMap: source, MetaResolver: noImages{}}
	opt.BuildArgs = arguments
	results, err := dockerfile2llb.DockerfileLint(context.Background(), data, opt)
	if err != nil {
		return nil
	}
	return results
}

// noImages stands for a registry: every image exists and sets nothing but PATH.
type noImages struct{}

// ResolveImageConfig implements llb.ImageMetaResolver.
func (noImages) ResolveImageConfig(_ context.Context, ref string, _ sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	return ref, "", []byte(`{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["sha256:0000000000000000000000000000000000000000000000000000000000000000"]}}`), nil
}

// unset stands for the value of an ARG that only a build knows.
const unset = "known-to-the-build"

// unsetArguments gives a value to each ARG that has none, so that what depends on it can be read.
func (d *Dockerfile) unsetArguments() map[string]string {
	values := map[string]string{}
	for _, a := range d.Arguments() {
		if a.Value == nil && !strings.HasPrefix(a.Key, "BUILDKIT_") && a.Key != "SOURCE_DATE_EPOCH" && !setByBuildKit.MatchString(a.Key) {
			values[a.Key] = unset
		}
	}
	for _, a := range d.Args { // a stage that takes over a value takes that one
		if a.Value != nil {
			delete(values, a.Key)
		}
	}
	return values
}

// warnings turns BuildKit's warnings into findings.
func (d *Dockerfile) warnings(results *lint.LintResults) []finding.Finding {
	var all []finding.Finding
	for _, w := range results.Warnings {
		if slices.Contains(ownRule, w.RuleName) || strings.Contains(w.Detail, unset) {
			continue
		}
		line := 0
		if w.Location != nil {
			line = firstOf(w.Location.Ranges)
		}
		if w.RuleName == linter.RuleUndefinedVar.Name && !namesOwnVariable(w.Detail) && !d.knowsVariables(line) {
			continue
		}
		if w.RuleName == linter.RuleWorkdirRelativePath.Name && windowsPath.MatchString(w.Detail) {
			continue
		}
		fix := checkFixes[w.RuleName]
		if fix == "" {
			fix = "see " + w.URL
		}
		f := finding.Finding{Rule: w.RuleName, File: d.Path, Line: line, Message: w.Detail, Fix: fix}
		if !slices.ContainsFunc(all, func(g finding.Finding) bool { return g.Rule == f.Rule && g.Line == f.Line && g.Message == f.Message }) {
			all = append(all, f)
		}
	}
	return all
}

// windowsPath begins an absolute path of Windows; BuildKit is asked for Linux.
var windowsPath = regexp.MustCompile(`"[A-Za-z]:`)

// namesOwnVariable reports whether a warning names a variable of the file that is like the undefined one. PATH is none: every
// image has it, and $GOPATH is like it.
func namesOwnVariable(detail string) bool {
	return strings.Contains(detail, "did you mean") && !strings.Contains(detail, "did you mean $PATH?")
}

// plainImages set no variable but PATH.
var plainImages = []string{"debian", "ubuntu", "alpine", "busybox"}

// knowsVariables reports whether the stage of a line starts from nothing, or from an image that is known to set no variables.
func (d *Dockerfile) knowsVariables(line int) bool {
	for i := len(d.Stages) - 1; i >= 0; i-- {
		if d.Stages[i].Line <= line {
			lineage := d.Stages[i].Lineage()
			return knownVariables(lineage[len(lineage)-1])
		}
	}
	return true
}

// textAt is the instruction of a stage that begins in a line, "" for a FROM: without it, what follows is in another stage.
func (d *Dockerfile) textAt(line int) string {
	for _, in := range d.Instructions() {
		if in.Line == line {
			return in.Text
		}
	}
	return ""
}

// blank empties the instructions that begin in some lines; lines keep their numbers. It fails when there are none.
func blank(data []byte, lines map[int]bool) bool {
	if len(lines) == 0 {
		return false
	}
	result, err := parser.Parse(bytes.NewReader(data))
	if err != nil {
		return false
	}
	empty := map[int]bool{}
	for _, node := range result.AST.Children {
		if lines[node.StartLine] {
			for n := node.StartLine; n <= node.EndLine; n++ {
				empty[n] = true
			}
		}
	}
	number := 1
	for i, c := range data {
		if c == '\n' {
			number++
		} else if empty[number] {
			data[i] = ' '
		}
	}
	return len(empty) > 0
}

// firstOf is the line where ranges begin, 0 when there are none.
func firstOf(ranges []*pb.Range) int {
	if len(ranges) == 0 || ranges[0].Start == nil {
		return 0
	}
	return int(ranges[0].Start.Line)
}

var anyVariable = regexp.MustCompile(`\$\{?(\w+)`)

const (
	maxChecked  = 256 << 10 // bytes
	maxCommands = 1000
)

// bounded reports whether BuildKit can look at the file in little time and memory: variables that hold each other double in
// size with every line.
func (d *Dockerfile) bounded() bool {
	commands := len(d.Stages)
	for _, s := range d.Stages {
		commands += len(s.Instructions)
	}
	if len(d.data) > maxChecked || commands > maxCommands {
		return false
	}
	sizes := map[string]int{}
	grow := func(key, value string) bool {
		n := len(value)
		for _, m := range anyVariable.FindAllStringSubmatch(value, -1) {
			n += sizes[m[1]]
		}
		sizes[key] = max(n, sizes[key])
		return n <= maxWord
	}
	for _, a := range d.Args {
		if !grow(a.Key, a.ValueString()) {
			return false
		}
	}
	for _, in := range d.Instructions() {
		switch c := in.Command.(type) {
		case *instructions.ArgCommand:
			for _, a := range c.Args {
				if !grow(a.Key, a.ValueString()) {
					return false
				}
			}
		case *instructions.EnvCommand:
			for _, e := range c.Env {
				if !grow(e.Key, e.Value) {
					return false
				}
			}
		}
	}
	return true
}

var setByBuildKit = regexp.MustCompile(`^(BUILD|TARGET)(PLATFORM|OS|OSVERSION|ARCH|VARIANT|STAGE)$`)
