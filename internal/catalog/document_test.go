package catalog

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestLoadReportsWhatIsNoDocument(t *testing.T) {
	// Nine anchors of nine aliases each: 9^9 values out of 500 bytes.
	bomb := "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
	for i := 1; i < 9; i++ {
		alias := fmt.Sprintf("*a%d", i-1)
		bomb += fmt.Sprintf("a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(alias+", ", 9), ", "))
	}
	for name, c := range map[string]struct{ document, want string }{
		"empty":            {"", "1: is empty; copy the file of another service or project"},
		"only a comment":   {"# nothing\n", "1: is empty; copy the file of another service or project"},
		"null":             {"---\n", "2: must be a mapping (key: value), not nothing"},
		"text":             {"hello\n", `1: must be a mapping (key: value), not the text "hello"`},
		"a list":           {"\n- a\n", "2: must be a mapping (key: value), not a list"},
		"two documents":    {"a: 1\n---\nb: 2\n", "2: contains a second document; remove the line ---"},
		"a tab":            {"size:\n\tpull: 1MB\n", "2: is not YAML: found character that cannot start any token (while scanning for the next token, from line 2)"},
		"unclosed":         {"port: 1\nhealth: {live: /\n", "3: is not YAML: did not find expected ',' or '}' (while parsing a flow mapping, from line 2)"},
		"an unknown alias": {"port: 1\nsize: *sizes\n", "2: is not YAML: unknown anchor 'sizes' referenced"},
		"binary":           {"port: 1\n\x7fELF\x00\x01", "2: is not text in UTF-8; save it as such"},
		"Latin-1":          {"a: b\nc: d\ndescription: gr\xfc\xdfe\n", "3: is not text in UTF-8; save it as such"},
		"UTF-16":           {"\xff\xfep\x00o\x00", "1: is not text in UTF-8; save it as such"},
		"an alias bomb":    {bomb, "1: has more than 20000 values, aliases counted as often as they are used; write fewer"},
		"a cycle":          {"size: &size {linux/amd64: *size}\n", "1: is nested deeper than 40 levels, or an anchor contains an alias of itself; flatten it"},
		"deep":             {strings.Repeat("[", 900) + strings.Repeat("]", 900), "1: is nested deeper than 40 levels, or an anchor contains an alias of itself; flatten it"},
		"very deep":        {strings.Repeat("[", 90_000), "1: is not YAML: exceeded max depth of 10000 (while increasing flow level, from line 1)"},
		"large":            {strings.Repeat("# comment\n", 30_000), " is larger than 256 KiB; facts are a page of text"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Load(repository(t, map[string]string{"x": c.document}))
			wantError(t, err, "services/x/service.yaml:"+c.want)
		})
	}
}

func TestLoadReportsAFileThatCannotBeRead(t *testing.T) {
	root := repository(t, map[string]string{"x": fullDocument(t)})
	file := filepath.Join(root, "services", "x", "service.yaml")
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(file, file); err != nil {
		t.Skip("this system has no symbolic links for us")
	}
	_, err := Load(root)
	if err == nil || !strings.HasPrefix(err.Error(), "services/x/service.yaml: cannot be read: ") || !strings.HasSuffix(err.Error(), "; replace it with a file") {
		t.Errorf("a link to itself: %v", err)
	}
}
