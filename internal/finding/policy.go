package finding

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Policy is what a team makes of the rules: which apply to it, and which findings fail a run. The zero Policy is all rules, and
// every finding but notes fails.
type Policy struct {
	FailOn   Severity            `yaml:"fail-on"`  // the least severity that fails: error, warning or none; "" is warning
	Only     []string            `yaml:"only"`     // the rules that apply; all when empty. What cannot be read is reported all the same
	Skip     []string            `yaml:"skip"`     // rules that do not apply
	Severity map[string]Severity `yaml:"severity"` // of single rules, instead of their own
}

// PolicyFile is the name of the file in which a repository keeps its policy.
const PolicyFile = ".stagecraft.yaml"

// FindPolicy reads the policy of the repository that a folder is in: the nearest file of that name in the folder and those
// above it, up to the repository's root. Without such a file it is the zero Policy.
func FindPolicy(dir string, rules Rules) (Policy, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return Policy{}, fmt.Errorf("look for %s: %w", PolicyFile, err)
	}
	for {
		file := filepath.Join(dir, PolicyFile)
		data, err := os.ReadFile(file)
		if err == nil {
			return parsePolicy(file, data, rules)
		}
		if !errors.Is(err, os.ErrNotExist) {
			return Policy{}, fmt.Errorf("read the policy: %w", err)
		}
		_, noRoot := os.Stat(filepath.Join(dir, ".git"))
		if above := filepath.Dir(dir); noRoot != nil && above != dir {
			dir = above
			continue
		}
		return Policy{}, nil
	}
}

func parsePolicy(file string, data []byte, rules Rules) (Policy, error) {
	var p Policy
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(&p); err != nil && !errors.Is(err, io.EOF) { // an empty file
		return Policy{}, fmt.Errorf("read %s: %s; its keys are fail-on, only, skip and severity", file, strings.Join(strings.Fields(err.Error()), " "))
	}
	if err := p.Check(rules); err != nil {
		return Policy{}, fmt.Errorf("read %s: %w", file, err)
	}
	return p, nil
}

// Check is an error when the policy names a severity that does not exist, or a rule that is not among rules.
func (p Policy) Check(rules Rules) error {
	for _, key := range slices.Concat(p.Only, p.Skip, slices.Sorted(maps.Keys(p.Severity))) {
		if rules.Find(key) == nil {
			return errors.New(rules.Unknown(key))
		}
	}
	for _, severity := range p.Severity {
		if err := severity.oneOf(Error, Warning, Note); err != nil {
			return err
		}
	}
	if p.FailOn == "" {
		return nil
	}
	return p.FailOn.oneOf(Error, Warning, None)
}

// Apply leaves in a report what the policy wants to see. Rules that do not apply have run all the same: a waiver for one is
// not called unused.
func (p Policy) Apply(r *Report) {
	var findings, notes []Finding
	for _, f := range append(slices.Clone(r.Findings), r.Notes...) {
		rule := r.Rules.Find(f.Rule)
		if !p.wants(f.Rule, rule) {
			continue
		}
		if severity := cmp.Or(p.Severity[f.Rule], p.Severity[rule.Key]); severity != "" && f.Severity != Note {
			f.Severity = severity
		}
		if f.Severity == Note {
			notes = append(notes, f)
		} else {
			findings = append(findings, f)
		}
	}
	r.Findings, r.Notes, r.failOn = findings, notes, p.FailOn
}

// wants reports whether the policy wants to see the findings of a name, which may not be their rule's key.
func (p Policy) wants(name string, r *Rule) bool {
	lists := func(keys []string) bool { return slices.Contains(keys, name) || slices.Contains(keys, r.Key) }
	return !lists(p.Skip) && (len(p.Only) == 0 || r.Always || lists(p.Only))
}
