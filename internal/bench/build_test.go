package bench

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/stagecraft/internal/build"
	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/dockerfile"
)

const root = "../.."

// What is compared must stand on the same bases: an update that forgets one side would measure something else.
func TestComparedDockerfilesHaveTheBasesOfTheTemplates(t *testing.T) {
	ours := refs(t, "dockerfiles/*.Dockerfile")
	if len(ours) == 0 {
		t.Fatal("the templates have no bases")
	}
	for _, ref := range refs(t, "bench/article/*.Dockerfile") {
		if !slices.Contains(ours, ref) {
			t.Errorf("bench/article: %s is no base of dockerfiles/; write the one that is", ref)
		}
	}
}

func refs(t *testing.T, pattern string) (found []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern)))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := dockerfile.Parse(file, data)
		if err != nil {
			t.Fatal(err)
		}
		for _, base := range parsed.Bases() {
			found = append(found, base.Ref)
		}
	}
	return found
}

func TestCopyAndChange(t *testing.T) {
	services, err := catalog.Services(root)
	if err != nil {
		t.Fatal(err)
	}
	to := t.TempDir()
	if err := build.Copy(root, to); err != nil {
		t.Fatal(err)
	}
	for _, s := range services {
		if _, err := os.Stat(filepath.Join(to, filepath.FromSlash(Article(s)))); err != nil {
			continue // not compared
		}
		dir := filepath.Join(to, filepath.FromSlash(s.Dir))
		before := read(t, dir)
		for range 2 {
			if err := change(dir, s.Language); err != nil {
				t.Fatal(err)
			}
		}
		if after := read(t, dir); strings.Count(after, "\n") != strings.Count(before, "\n")+4 {
			t.Errorf("%s: two lines were to change:\n%s", s.Name, after)
		}
	}
	if err := change(t.TempDir(), "go"); err == nil || !strings.Contains(err.Error(), "nothing matches") {
		t.Errorf("no sources: %v", err)
	}
	if err := build.Copy(t.TempDir(), t.TempDir()); err == nil {
		t.Error("an empty folder was copied")
	}
}

// read is all sources of a folder's top and src/.
func read(t *testing.T, dir string) string {
	t.Helper()
	var text strings.Builder
	for _, pattern := range []string{"*", "src/*", "src/*/*"} {
		files, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if data, err := os.ReadFile(file); err == nil {
				text.Write(data)
			}
		}
	}
	return text.String()
}

func TestCool(t *testing.T) {
	dir := t.TempDir()
	const before = "FROM base AS a\nRUN x\nFROM a AS b\nFROM scratch\nCOPY --from=b / /\n"
	if err := os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte(before), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 { // one that is cooled again must not be what it was: of two lines with one name, the lower would win
		if err := cool(dir, "Dockerfile"); err != nil {
			t.Fatal(err)
		}
	}
	after, err := os.ReadFile(filepath.Join(dir, "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	env := regexp.MustCompile(`ENV (STAGECRAFT_TRIAL_\d+)=1\n`)
	if found := env.FindAllStringSubmatch(string(after), -1); len(found) != 2 || found[0][1] == found[1][1] || !strings.HasPrefix(string(after), "FROM base AS a\nENV ") || env.ReplaceAllString(string(after), "") != before {
		t.Errorf("got\n%s", after)
	}
	if err := cool(dir, "absent"); err == nil {
		t.Error("no file is no error")
	}
}

func TestTimes(t *testing.T) {
	ts := newTimes(ways("linux/amd64"))
	for _, took := range []time.Duration{2 * time.Second, 9 * time.Second, time.Second} {
		ts.add("a", 0, took)
		ts.add("a", 1, 2*took)
		ts.add("a", 2, 20*took)
	}
	for i := range 3 {
		ts.add("b", i, time.Second)
	}
	want := [][]string{
		{"a", "2.0", "4.0", "40.0", "2.00×", "10.0×"},
		{"b", "1.0", "1.0", "1.0", "1.00×", "1.00×"},
		{"together", "3.0", "5.0", "41.0", "1.67×", "8.20×"},
	}
	if got := ts.table().Rows; !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := ts.chart("").Bars; !slices.EqualFunc(got, [][]float64{{40, 1}, {4, 1}}, slices.Equal) {
		t.Errorf("the chart has %v; it shall have the article's way, then ours", got)
	}
	ts.keep(1)
	if got := ts.table().Rows[0]; !slices.Equal(got, want[0]) {
		t.Errorf("the first round alone: got %v, want %v", got, want[0])
	}
}
