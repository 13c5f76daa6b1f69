package project

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"example.com/stagecraft/internal/finding"
	"example.com/stagecraft/internal/lint"
)

// What a team decided in its .stagecraft.yaml holds for the project's own commands too.
func TestReportFollowsThePolicy(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		policy string
		fails  bool
	}{
		"none":     {"", true},
		"skipped":  {"skip: [user]\n", false},
		"fail-on":  {"fail-on: error\n", false},
		"of error": {"fail-on: error\nseverity: {user: error}\n", true},
		"a slip":   {"skip: [usr]\n", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			if err := os.WriteFile(filepath.Join(root, finding.PolicyFile), []byte(tt.policy), 0o600); err != nil {
				t.Fatal(err)
			}
			p := Project{Root: root, Out: io.Discard}
			report := finding.Report{Rules: lint.Rules, Findings: []finding.Finding{{Rule: "user", Severity: finding.Warning, File: "Dockerfile"}}}
			if err := p.report(report); (err != nil) != tt.fails {
				t.Errorf("error is %v, want one: %v", err, tt.fails)
			}
		})
	}
}
