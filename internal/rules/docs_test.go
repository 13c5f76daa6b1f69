package rules

import (
	"os"
	"strings"
	"testing"
)

func TestDocs(t *testing.T) {
	t.Parallel()
	const file = "../../docs/rules.md"
	written, err := os.ReadFile(file)
	if err != nil || strings.ReplaceAll(string(written), "\r\n", "\n") != Markdown() {
		t.Errorf("%s is not what internal/rules writes (%v); run: go generate ./internal/rules", file, err)
	}
	for _, c := range Markdown() {
		if c > 127 {
			t.Fatalf("U+%04X in the documentation: only ASCII shows what is there", c)
		}
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	for _, r := range All {
		text := r.Explain()
		for _, part := range []string{r.Key + ": " + r.Practice, r.Why, r.Source, r.Fix, "Severity: " + string(severityOf(r.Key)), "Bad:", "Good:", "Waiver: "} {
			if !strings.Contains(text, part) {
				t.Errorf("explain %s lacks %q", r.Key, part)
			}
		}
	}
}
