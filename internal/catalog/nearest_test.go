package catalog

import "testing"

func TestHint(t *testing.T) {
	choices := []string{"port", "health", "environment", "build_secrets"}
	for text, want := range map[string]string{
		"prot":         "did you mean port?",
		"ports":        "did you mean port?",
		"Port":         "did you mean port?",
		"envronment":   "did you mean environment?",
		"buildSecrets": "did you mean build_secrets?",
		"helth":        "did you mean health?",
		"volumes":      "choose one of port, health, environment, build_secrets",
		"":             "choose one of port, health, environment, build_secrets",
	} {
		if got := Hint(text, choices); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func TestHintWithoutChoices(t *testing.T) {
	if got := Hint("go", nil); got != "there are none yet" {
		t.Errorf("got %s", got)
	}
}

func TestEdits(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"", "abc", 3},
		{"abc", "abc", 0},
		{"abc", "ab", 1},
		{"abc", "axc", 1},
		{"abc", "acb", 1}, // a swap is one
		{"kitten", "sitting", 3},
	} {
		if got, back := edits(c.a, c.b), edits(c.b, c.a); got != c.want || back != c.want {
			t.Errorf("%q and %q: %d and %d, want %d", c.a, c.b, got, back, c.want)
		}
	}
}
