package rules

import (
	"bytes"
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
func FindPolicy(dir string) (Policy, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return Policy{}, fmt.Errorf("look for %s: %w", PolicyFile, err)
	}
	for {
		file := filepath.Join(dir, PolicyFile)
		data, err := os.ReadFile(file)
		if err == nil {
			return parsePolicy(file, data)
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

func parsePolicy(file string, data []byte) (Policy, error) {
	var p Policy
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(&p); err != nil && !errors.Is(err, io.EOF) { // an empty file
		return Policy{}, fmt.Errorf("read %s: %s; its keys are fail-on, only, skip and severity", file, strings.Join(strings.Fields(err.Error()), " "))
	}
	if err := p.Check(); err != nil {
		return Policy{}, fmt.Errorf("read %s: %w", file, err)
	}
	return p, nil
}

// Check is an error when the policy names a rule or a severity that does not exist.
func (p Policy) Check() error {
	for _, key := range slices.Concat(p.Only, p.Skip, slices.Sorted(maps.Keys(p.Severity))) {
		if Find(key) == nil {
			return errors.New(Unknown(key))
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
		if !p.wants(f.Rule) {
			continue
		}
		if severity := p.severity(f.Rule); severity != "" && f.Severity != Note {
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

func (p Policy) wants(name string) bool {
	if lists(p.Skip, name) {
		return false
	}
	return len(p.Only) == 0 || name == parse.Key || lists(p.Only, name)
}

// severity is the policy's own for a rule, "" when it has none. A check of BuildKit may be named, or all of them.
func (p Policy) severity(name string) Severity {
	if severity := p.Severity[name]; severity != "" || Find(name) == nil {
		return severity
	}
	return p.Severity[Find(name).Key]
}

// lists reports whether keys name a finding's rule: a check of BuildKit by its own name or as one of build-checks.
func lists(keys []string, name string) bool {
	r := Find(name)
	return slices.Contains(keys, name) || r != nil && slices.Contains(keys, r.Key)
}
