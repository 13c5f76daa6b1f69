package main

import (
	"os"
	"strings"
	"testing"
)

// Every rule says what its page needs, and has a key of its own.
func TestRules(t *testing.T) {
	t.Parallel()
	for _, r := range rules {
		if rules.Find(r.Key) != r {
			t.Errorf("two rules are called %s", r.Key)
		}
		for field, text := range map[string]string{"Practice": r.Practice, "Why": r.Why, "Fix": r.Fix, "Bad": r.Bad, "Good": r.Good} {
			if strings.TrimSpace(text) == "" {
				t.Errorf("%s has no %s", r.Key, field)
			}
		}
		if !strings.HasPrefix(r.Source, "https://") {
			t.Errorf("%s has no source", r.Key)
		}
		text := r.Explain()
		for _, part := range []string{r.Key + ": " + r.Practice, r.Why, r.Source, r.Fix, "Severity: ", "Bad:", "Good:", "Waiver: "} {
			if !strings.Contains(text, part) {
				t.Errorf("explain %s lacks %q", r.Key, part)
			}
		}
	}
}

func TestDocs(t *testing.T) {
	t.Parallel()
	const file = "../../docs/rules.md"
	written, err := os.ReadFile(file)
	if err != nil || strings.ReplaceAll(string(written), "\r\n", "\n") != rules.Markdown() {
		t.Errorf("%s is not what the rules write (%v); run: go generate ./cmd/stagecraft", file, err)
	}
	for _, c := range rules.Markdown() {
		if c > 127 {
			t.Fatalf("U+%04X in the documentation: only ASCII shows what is there", c)
		}
	}
}
