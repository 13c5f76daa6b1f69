package render

import (
	"bytes"
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/stagecraft/internal/catalog"
)

var update = flag.Bool("update", false, "render the golden files in testdata again")

// The repositories in testdata are rendered: their Dockerfiles, docker-bake.json, compose.yaml and so on are the golden files. The
// second one has the folder deploy, and services of many shapes.
var (
	golden   = filepath.Join("testdata", "repository")
	deployed = filepath.Join("testdata", "deployed")
)

func TestGoldenFiles(t *testing.T) {
	for _, root := range []string{golden, deployed} {
		repository := load(t, root)
		if *update {
			if _, err := Write(root, repository); err != nil {
				t.Fatal(err)
			}
		}
		if err := Check(root, repository); err != nil {
			t.Errorf("%v (after a look at the change: go test ./internal/render -update)", err)
		}
	}
	repository := load(t, golden)
	files, err := Files(golden, repository)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 6 || files["services/alpha/Dockerfile"] == nil || files["services/beta/Dockerfile"] == nil || files["docker-bake.json"] == nil || files["compose.yaml"] == nil {
		t.Errorf("Files returned %d files, want two Dockerfiles, the bake file, the Compose file and two of VS Code", len(files))
	}
}

// What is committed at the root of this repository follows from its catalog.
func TestThisRepositoryIsRendered(t *testing.T) {
	root := filepath.Join("..", "..")
	if err := Check(root, load(t, root)); err != nil {
		t.Error(err)
	}
}

func TestDriftIsFoundAndMended(t *testing.T) {
	cases := []struct {
		name   string
		change func(t *testing.T, root string)
		want   []string
	}{
		{"nothing", func(*testing.T, string) {}, nil},
		{"a Dockerfile edited by hand", func(t *testing.T, root string) {
			edit(t, root, "services/alpha/Dockerfile", "ENV PORT=8080", "ENV PORT=8081")
		}, []string{"services/alpha/Dockerfile: line 8 is not what is rendered; run: go tool mage render"}},
		{"a line added at the end", func(t *testing.T, root string) {
			edit(t, root, "services/beta/Dockerfile", "ENTRYPOINT [\"/beta\"]\n", "ENTRYPOINT [\"/beta\"]\nUSER 0\n")
		}, []string{"services/beta/Dockerfile: line 6 is not what is rendered; run: go tool mage render"}},
		{"other line ends", func(t *testing.T, root string) {
			edit(t, root, "services/beta/Dockerfile", "# check=error=true\n", "# check=error=true\r\n")
		}, []string{"services/beta/Dockerfile: line 1 is not what is rendered; run: go tool mage render"}},
		{"a Dockerfile removed", func(t *testing.T, root string) {
			remove(t, root, "services/beta/Dockerfile")
		}, []string{"services/beta/Dockerfile: is missing; run: go tool mage render"}},
		{"the bake file edited", func(t *testing.T, root string) {
			edit(t, root, "docker-bake.json", `"shop/beta:dev"`, `"shop/beta:latest"`)
		}, []string{"docker-bake.json: line 67 is not what is rendered; run: go tool mage render"}},
		{"the Compose file edited", func(t *testing.T, root string) {
			edit(t, root, "compose.yaml", "127.0.0.1:9090", "0.0.0.0:9090")
		}, []string{"compose.yaml: line 21 is not what is rendered; run: go tool mage render"}},
		{"a template changed", func(t *testing.T, root string) {
			edit(t, root, "dockerfiles/c.Dockerfile", "FROM scratch", "FROM  scratch")
		}, []string{"services/beta/Dockerfile: line 4 is not what is rendered; run: go tool mage render"}},
		{"facts changed", func(t *testing.T, root string) {
			edit(t, root, "services/alpha/service.yaml", "port: 8080", "port: 8181")
			edit(t, root, "services/beta/service.yaml", "little", "less")
		}, []string{
			".vscode/tasks.json: line 27 is not what is rendered; run: go tool mage render",
			"compose.yaml: line 8 is not what is rendered; run: go tool mage render",
			"docker-bake.json: line 55 is not what is rendered; run: go tool mage render",
			"services/alpha/Dockerfile: line 8 is not what is rendered; run: go tool mage render",
		}},
		{"a service ceases to be one", func(t *testing.T, root string) {
			remove(t, root, "services/beta/service.yaml")
		}, []string{
			".vscode/launch.json: line 20 is not what is rendered; run: go tool mage render",
			".vscode/tasks.json: line 54 is not what is rendered; run: go tool mage render",
			"compose.yaml: line 18 is not what is rendered; run: go tool mage render",
			"docker-bake.json: line 7 is not what is rendered; run: go tool mage render",
			"services/beta/Dockerfile: was rendered for a service that is gone; run: go tool mage render",
		}},
		{"a service ceases to be one, its Dockerfile was its own", func(t *testing.T, root string) {
			remove(t, root, "services/odd/service.yaml")
		}, []string{
			"compose.yaml: line 31 is not what is rendered; run: go tool mage render",
			"docker-bake.json: line 7 is not what is rendered; run: go tool mage render",
		}},
		{"an own Dockerfile edited", func(t *testing.T, root string) {
			edit(t, root, "services/odd/Dockerfile", "scratch", "debian")
		}, nil},
		{"an ejected service, then edited", func(t *testing.T, root string) {
			edit(t, root, "services/beta/service.yaml", "rendered", "own")
			edit(t, root, "services/beta/Dockerfile", "/beta", "/elsewhere")
		}, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			root := copyGolden(t)
			c.change(t, root)
			repository := load(t, root)
			own, _ := os.ReadFile(filepath.Join(root, "services", "odd", "Dockerfile"))

			err := Check(root, repository)
			if got, want := message(err), strings.Join(c.want, "\n"); got != want {
				t.Errorf("Check says\n%s\nwant\n%s", got, want)
			}
			drift, err := Drift(root, repository)
			if err != nil || !slices.Equal(drift, paths(c.want)) {
				t.Errorf("Drift lists %v, %v; want %v", drift, err, paths(c.want))
			}
			changed, err := Write(root, repository)
			if err != nil || !slices.Equal(changed, paths(c.want)) {
				t.Errorf("Write changed %v, %v; want %v", changed, err, paths(c.want))
			}
			if err := Check(root, repository); err != nil {
				t.Errorf("after Write, Check says\n%v", err)
			}
			for _, line := range c.want {
				if path, gone := strings.CutSuffix(line, ": was rendered for a service that is gone; run: go tool mage render"); gone {
					if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(path))); !errors.Is(err, fs.ErrNotExist) {
						t.Errorf("Write left %s there (%v)", path, err)
					}
				}
			}
			if after, _ := os.ReadFile(filepath.Join(root, "services", "odd", "Dockerfile")); !bytes.Equal(after, own) {
				t.Errorf("Write changed a Dockerfile that is `dockerfile: own`")
			}
		})
	}
}

// A service copied under a new name needs no edit: what is rendered for it differs by the name alone.
func TestACopiedServiceIsRendered(t *testing.T) {
	root := copyGolden(t)
	if err := os.CopyFS(filepath.Join(root, "services", "copy"), os.DirFS(filepath.Join(root, "services", "alpha"))); err != nil {
		t.Fatal(err)
	}
	repository := load(t, root)
	if _, err := Write(root, repository); err != nil {
		t.Fatal(err)
	}
	if got, want := read(t, root, "services/copy/Dockerfile"), strings.ReplaceAll(read(t, root, "services/alpha/Dockerfile"), "alpha", "copy"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if bake := read(t, root, "docker-bake.json"); strings.Count(bake, `"copy"`) != 2 || strings.Count(bake, `"copy-test"`) != 2 {
		t.Errorf("the bake file lacks the copy's targets:\n%s", bake)
	}
}

func load(t testing.TB, root string) catalog.Repository {
	t.Helper()
	repository, err := catalog.Load(root)
	if err != nil {
		t.Fatal(err)
	}
	return repository
}

func copyGolden(t testing.TB) string {
	t.Helper()
	root := t.TempDir()
	if err := os.CopyFS(root, os.DirFS(golden)); err != nil {
		t.Fatal(err)
	}
	return root
}

func read(t testing.TB, root, path string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(path)))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func edit(t testing.TB, root, path, from, to string) {
	t.Helper()
	content := read(t, root, path)
	if strings.Count(content, from) != 1 {
		t.Fatalf("%s holds %q %d times, want once", path, from, strings.Count(content, from))
	}
	write(t, root, path, strings.Replace(content, from, to, 1))
}

func write(t testing.TB, root, path, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(root, filepath.FromSlash(path)), []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func remove(t testing.TB, root, path string) {
	t.Helper()
	if err := os.Remove(filepath.Join(root, filepath.FromSlash(path))); err != nil {
		t.Fatal(err)
	}
}

func paths(lines []string) []string {
	var paths []string
	for _, line := range lines {
		path, _, _ := strings.Cut(line, ":")
		paths = append(paths, path)
	}
	return paths
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
