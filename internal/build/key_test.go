package build

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/dockerfile"
)

// repository writes a repository of two services, a and b, that share a script.
func repository(t *testing.T) (root string, sel Selection) {
	t.Helper()
	root = t.TempDir()
	write(t, root, ".dockerignore", "*\n!dockerfiles/bin\n!services/*/src\n!services/*/lock\n!services/*/deep/kept/file\n**/*.md\n")
	write(t, root, "docker-bake.json", `{"target": {"a": {"target": "runtime"}, "b": {"target": "runtime"}}}`)
	write(t, root, "dockerfiles/bin/tool", "#!/bin/sh\n")
	for _, name := range []string{"a", "b"} {
		write(t, root, "services/"+name+"/src/main.c", "int main(void) {}\n")
		write(t, root, "services/"+name+"/src/README.md", "# text\n")
		write(t, root, "services/"+name+"/lock", "1\n")
		write(t, root, "services/"+name+"/deep/kept/file", "1\n")
		write(t, root, "services/"+name+"/service.yaml", "port: 8080\n")
		script := ""
		if name == "a" {
			script = "RUN --mount=type=bind,source=dockerfiles/bin,target=/opt/bin /opt/bin/tool\n"
		}
		write(t, root, "services/"+name+"/Dockerfile", "FROM debian:trixie-slim@sha256:"+digits+" AS build\n"+script+
			"COPY services/"+name+"/src /src\nCOPY services/"+name+"/deep /deep\nCOPY services/"+name+"/loc* /\nFROM scratch AS runtime\nCOPY --from=build /src /\n")
		sel.Services = append(sel.Services, catalog.Service{Name: name, Dir: "services/" + name})
	}
	sel.Platforms = slices.Clone(catalog.Platforms)
	return root, sel
}

const digits = "a29215f6a35e51e22adffa17f89e9d2ef06214e64a2bad10d765c46aea49f11f"

func write(t *testing.T, root, name, content string) {
	t.Helper()
	file := filepath.Join(root, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// staleAfter are the services that a change makes new.
func staleAfter(t *testing.T, root string, sel *Selection, bases *Bases, change func()) (stale []string) {
	t.Helper()
	before, err := keys(root, *sel, *bases)
	if err != nil {
		t.Fatal(err)
	}
	change()
	after, err := keys(root, *sel, *bases)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range sel.Services {
		if before[s.Name] != after[s.Name] {
			stale = append(stale, s.Name)
		}
	}
	return stale
}

// TestKeys is the plan: what a change makes new, and nothing else.
func TestKeys(t *testing.T) {
	tests := map[string]struct {
		change func(t *testing.T, root string, sel *Selection, bases *Bases)
		stale  []string
	}{
		"nothing": {func(*testing.T, string, *Selection, *Bases) {}, nil},
		"a source file": {func(t *testing.T, root string, _ *Selection, _ *Bases) {
			write(t, root, "services/a/src/main.c", "int main(void) { return 1; }\n")
		}, []string{"a"}},
		"a new source file": {func(t *testing.T, root string, _ *Selection, _ *Bases) {
			write(t, root, "services/b/src/more.c", "")
		}, []string{"b"}},
		"a removed source file": {func(t *testing.T, root string, _ *Selection, _ *Bases) {
			if err := os.Remove(filepath.Join(root, "services/b/src/main.c")); err != nil {
				t.Fatal(err)
			}
		}, []string{"b"}},
		"a source file's mode": {func(t *testing.T, root string, _ *Selection, _ *Bases) {
			if err := os.Chmod(filepath.Join(root, "services/a/src/main.c"), 0o755); err != nil {
				t.Fatal(err)
			}
		}, []string{"a"}},
		"a source folder's mode": {func(t *testing.T, root string, _ *Selection, _ *Bases) {
			if err := os.Chmod(filepath.Join(root, "services/a/src"), 0o700); err != nil {
				t.Fatal(err)
			}
		}, []string{"a"}},
		"an empty source folder": {func(t *testing.T, root string, _ *Selection, _ *Bases) {
			if err := os.Mkdir(filepath.Join(root, "services/a/src/empty"), 0o755); err != nil {
				t.Fatal(err)
			}
		}, []string{"a"}},
		"a folder that .dockerignore keeps out": {func(t *testing.T, root string, _ *Selection, _ *Bases) {
			if err := os.Mkdir(filepath.Join(root, "services/a/src/out.md"), 0o755); err != nil {
				t.Fatal(err)
			}
		}, nil},
		"the mode of a folder that is ignored but for a file": {func(t *testing.T, root string, _ *Selection, _ *Bases) {
			if err := os.Chmod(filepath.Join(root, "services/b/deep/kept"), 0o700); err != nil {
				t.Fatal(err)
			}
		}, []string{"b"}},
		"a file that a wildcard takes": {func(t *testing.T, root string, _ *Selection, _ *Bases) {
			write(t, root, "services/a/lock", "2\n")
		}, []string{"a"}},
		"a file that .dockerignore keeps out": {func(t *testing.T, root string, _ *Selection, _ *Bases) {
			write(t, root, "services/a/src/README.md", "# more\n")
		}, nil},
		"service.yaml alone": {func(t *testing.T, root string, _ *Selection, _ *Bases) {
			write(t, root, "services/a/service.yaml", "port: 8081\n")
		}, nil},
		"a file that no Dockerfile names": {func(t *testing.T, root string, _ *Selection, _ *Bases) {
			write(t, root, "README.md", "# more\n")
		}, nil},
		"a script": {func(t *testing.T, root string, _ *Selection, _ *Bases) {
			write(t, root, "dockerfiles/bin/tool", "#!/bin/sh\nset -e\n")
		}, []string{"a"}},
		"a line of a Dockerfile": {func(t *testing.T, root string, _ *Selection, _ *Bases) {
			write(t, root, "services/b/Dockerfile", read(t, root, "services/b/Dockerfile")+"ENV A=b\n")
		}, []string{"b"}},
		"a Dockerfile": {func(t *testing.T, root string, _ *Selection, _ *Bases) {
			write(t, root, "services/b/Dockerfile", "FROM scratch AS runtime\n")
		}, []string{"b"}},
		"a bake target": {func(t *testing.T, root string, _ *Selection, _ *Bases) {
			write(t, root, "docker-bake.json", `{"target": {"a": {"target": "debug"}, "b": {"target": "runtime"}}}`)
		}, []string{"a"}},
		"stand-in bases": {func(_ *testing.T, _ string, _ *Selection, b *Bases) {
			b.Contexts = map[string]string{"debian:trixie-slim@sha256:" + digits: "oci-layout:///bases/debian@sha256:" + digits}
		}, []string{"a", "b"}},
		"fewer platforms": {func(_ *testing.T, _ string, sel *Selection, _ *Bases) {
			sel.Platforms = sel.Platforms[:1]
		}, []string{"a", "b"}},
		"a proxy": {func(t *testing.T, _ string, _ *Selection, _ *Bases) {
			t.Setenv("HTTPS_PROXY", "http://proxy.example.com:3128")
		}, nil},
		"a shared cache": {func(t *testing.T, _ string, _ *Selection, _ *Bases) {
			t.Setenv(CacheFromSetting, "type=registry,ref=registry.example.com/cache/{service}")
		}, nil},
		"a CA bundle": {func(t *testing.T, root string, _ *Selection, _ *Bases) {
			write(t, root, "ca.pem", "")
			t.Setenv(CASetting, filepath.Join(root, "ca.pem"))
		}, []string{"a", "b"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Setenv(CASetting, "")
			root, sel := repository(t)
			var bases Bases
			stale := staleAfter(t, root, &sel, &bases, func() { tt.change(t, root, &sel, &bases) })
			if !slices.Equal(stale, tt.stale) {
				t.Errorf("%v must be built again, want %v", stale, tt.stale)
			}
		})
	}
}

// A link among the sources is followed, in a circle too, and a Dockerfile's own .dockerignore counts instead of the root's.
func TestKeysOfWhatIsFoundElsewhere(t *testing.T) {
	root, sel := repository(t)
	write(t, root, "services/shared/src/text", "1\n")
	for link, target := range map[string]string{"services/a/src/text": "../../shared/src/text", "services/a/src/circle": "../src"} {
		if err := os.Symlink(target, filepath.Join(root, filepath.FromSlash(link))); err != nil {
			t.Skip(err)
		}
	}
	write(t, root, "services/b/Dockerfile.dockerignore", "*\n!services/b/src\n")
	for name, want := range map[string][]string{
		"services/shared/src/text": {"a"},
		"services/b/src/README.md": {"b"}, // the root's leaves it out
		"services/b/lock":          nil,   // its own does
	} {
		stale := staleAfter(t, root, &sel, &Bases{}, func() { write(t, root, name, "changed\n") })
		if !slices.Equal(stale, want) {
			t.Errorf("%s: %v must be built again, want %v", name, stale, want)
		}
	}
}

// A link that leads nowhere yet is an input by where it leads.
func TestKeysOfADanglingLink(t *testing.T) {
	root, sel := repository(t)
	link := filepath.Join(root, "services", "a", "src", "link")
	if err := os.Symlink("here", link); err != nil {
		t.Skip(err)
	}
	stale := staleAfter(t, root, &sel, &Bases{}, func() {
		if err := errors.Join(os.Remove(link), os.Symlink("elsewhere", link)); err != nil {
			t.Fatal(err)
		}
	})
	if !slices.Equal(stale, []string{"a"}) {
		t.Errorf("%v must be built again, want a", stale)
	}
}

func TestInputsAreFiles(t *testing.T) {
	t.Parallel()
	root, sel := repository(t)
	all, err := ReadInputs(root, sel.Services)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"services/b/Dockerfile", "services/b/deep/kept/file", "services/b/lock", "services/b/src/main.c"}
	if got := all["b"]; !slices.Equal(got.Files, want) || !strings.Contains(string(got.Targets), "runtime") {
		t.Errorf("inputs of b are %v and %s, want %v", got.Files, got.Targets, want)
	}
}

func TestSources(t *testing.T) {
	t.Parallel()
	tests := map[string][]string{
		"FROM scratch\nCOPY a b/ /x/":                                   {"a", "b"},
		"FROM scratch\nCOPY --from=other a /x":                          nil,
		"FROM scratch AS one\nFROM scratch\nCOPY --from=one a /x":       nil,
		"FROM scratch\nADD ./a/../c /x":                                 {"c"},
		"FROM scratch\nCOPY a/*/b?.c /x":                                {"a"},
		"FROM scratch\nARG D=a\nCOPY s/$D/b s/${D}x /x":                 {"s", "s"},
		"FROM scratch\nCOPY . /x":                                       {""},
		"FROM scratch\nCOPY *.c /x":                                     {""},
		"FROM scratch\nRUN --mount=type=bind,source=s,target=/s true":   {"s"},
		"FROM scratch\nRUN --mount=type=cache,target=/s true":           nil,
		"FROM scratch\nRUN --mount=type=secret,id=s true":               nil,
		"FROM scratch AS b\nRUN --mount=type=bind,from=b,target=/ true": nil,
		"FROM scratch\nRUN --mount=target=/s true":                      {""},
	}
	for text, want := range tests {
		file, err := dockerfile.Parse("Dockerfile", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if got := sources(file); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%q takes %q, want %q", text, got, want)
		}
	}
}
