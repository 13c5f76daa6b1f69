package bench

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReplace(t *testing.T) {
	const (
		begin = "<!-- services: `go tool mage bench:services -write` writes this -->\n"
		end   = "<!-- /services -->"
	)
	got, err := Replace("# Page\n"+begin+"old\n"+end+"\nkept\n", "services", "new\n\n")
	if want := "# Page\n" + begin + "new\n" + end + "\nkept\n"; err != nil || got != want {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
	for name, page := range map[string]string{"no part": "# Page\n", "no end": begin + "old\n", "another": "<!-- build: x -->\n<!-- /build -->"} {
		if got, err := Replace(page, "services", "new"); err == nil || !strings.Contains(err.Error(), end) {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
}

func TestPageHasItsParts(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(Page)))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"services", "build", "scale", "mutants"} {
		if _, err := Replace(string(page), part, "x"); err != nil {
			t.Error(err)
		}
	}
}

func TestTable(t *testing.T) {
	table := Table{Heading: []string{"service", "p50", "ratio"}, Rows: [][]string{{"hello", "1.5 ms", "0.50×"}, {"hello-longer", "12 ms", "2.00×"}}}
	var text strings.Builder
	if err := table.Write(&text); err != nil {
		t.Fatal(err)
	}
	if want := "  service          p50  ratio\n  hello         1.5 ms  0.50×\n  hello-longer   12 ms  2.00×\n"; text.String() != want {
		t.Errorf("got\n%q\nwant\n%q", text.String(), want)
	}
	if got, want := table.Markdown(), "| service | p50 | ratio |\n|---|---:|---:|\n| hello | 1.5 ms | 0.50× |\n| hello-longer | 12 ms | 2.00× |\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
