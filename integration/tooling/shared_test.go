package tooling

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/moby/moby/client"

	"example.com/stagecraft/internal/build"
	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/image"
)

// TestSharedFix: what is fixed in a library is in the images of all its users after one build, and makes no other service stale.
func TestSharedFix(t *testing.T) {
	const library, file, fixed = "libs/go", "libs/go/service/server.go", "listening, and fixed"
	lab := open(t)
	root := checkout(t, lab.root)
	if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(file))); err != nil {
		t.Skip("needs libs/go")
	}
	all, err := catalog.Load(root)
	mustNot(t, err)
	services := slices.Concat(all.Services, all.Examples)
	users := slices.DeleteFunc(slices.Clone(services), func(s catalog.Service) bool {
		return !slices.Contains(s.Uses, library) || s.Language != "go" // cgo compiles for minutes, and shows no more
	})
	if len(users) == 0 {
		t.Skipf("needs a service that uses %s", library)
	}
	for i := range users {
		users[i].Project = "shared-fix" // so that tags of the checkout that is under test stay
	}
	before, err := build.Keys(root, services)
	mustNot(t, err)

	source, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(file)))
	mustNot(t, err)
	change := bytes.Replace(source, []byte(`"listening"`), []byte(`"`+fixed+`"`), 1)
	mustNot(t, os.WriteFile(filepath.Join(root, filepath.FromSlash(file)), change, 0o600))

	after, err := build.Keys(root, services)
	mustNot(t, err)
	for _, s := range services {
		uses := slices.Contains(s.Uses, library)
		if changed := before[s.Name] != after[s.Name]; changed != uses {
			t.Errorf("%s: stale is %v, uses %s is %v", s.Name, changed, library, uses)
		}
	}

	b, err := build.New(t.Context(), root, lab.engine, "", t.Output())
	mustNot(t, err)
	_, err = b.Build(t.Context(), planned(t, b, root, build.Selection{Services: users, Platforms: []catalog.Platform{lab.native}}))
	mustNot(t, err)
	for _, s := range users {
		for _, tag := range []string{s.Image(), s.Tag(lab.native)} {
			_, err := lab.engine.Client().ImageRemove(t.Context(), tag, client.ImageRemoveOptions{Force: true})
			mustNot(t, err)
		}
		if !bytes.Contains(program(t, build.Layout(root, s.Name)), []byte(fixed)) {
			t.Errorf("%s is built without the fix", s.Name)
		}
	}
}

// program is the file that an image's entry point starts.
func program(t *testing.T, layout string) []byte {
	t.Helper()
	index, err := image.Open(layout)
	mustNot(t, err)
	defer index.Close()
	first := index.Images()[0]
	files, err := first.Files()
	mustNot(t, err)
	content, err := files.Open(strings.TrimPrefix(first.Config().Config.Entrypoint[0], "/"))
	mustNot(t, err)
	data, err := io.ReadAll(content)
	mustNot(t, err)
	return data
}
