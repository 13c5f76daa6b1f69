package starter

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/render"
	"example.com/stagecraft/internal/sizetable"
)

// again renders with the templates of a repository.
func (s sandbox) again(context.Context) error {
	repository, err := catalog.Load(s.root)
	if err == nil {
		_, err = render.Write(s.root, repository)
	}
	return err
}

// upgrade merges what is new upstream, as -from=upstream/main.
func (s sandbox) upgrade() (Upgraded, error) {
	s.t.Helper()
	s.git("fetch", "--quiet", "upstream")
	return Upgrade(s.t.Context(), s.root, "upstream/main", s.again)
}

// commit commits everything.
func (s sandbox) commit(message string) {
	s.t.Helper()
	s.git("add", "--all")
	s.git("commit", "--quiet", "--message="+message)
}

// edit replaces a text that a file must have.
func (s sandbox) edit(name, before, after string) {
	s.t.Helper()
	text := s.read(name)
	if !strings.Contains(text, before) {
		s.t.Fatalf("%s has no %q:\n%s", name, before, text)
	}
	s.write(name, strings.ReplaceAll(text, before, after))
}

// row is a line of the README's table of sizes.
func row(service, size string) string { return "| " + service + " | " + size + " |\n" }

// newUpstream is the repository that a team begins from.
func newUpstream(t *testing.T) sandbox {
	t.Helper()
	s := newSandbox(t)
	s.write("README.md", "# stagecraft\n\nServices.\n\n"+sizetable.Begin+"\n"+row("service", "size")+row("---", "---")+row("hello-c", "1 kB")+
		row("hello-go", "1 MB")+row("hello-node", "9 MB")+sizetable.End+"\n\nTry `docker run stagecraft/hello-go:dev`, or\n`go tool mage test`.\n")
	s.write("CHANGELOG.md", "# Changelog\n\n## [0.1.0]\n")
	s.write("bench/peers/hello-go.Dockerfile", "FROM scratch\n")
	s.write("bench/peers/other.Dockerfile", "FROM scratch\n")
	s.write("bare/main.go", "package main\n")
	s.write("libs/node/package.json", "{\"name\": \"@stagecraft/kit\"}\n")
	s.commit("table, changelog")
	return s
}

// newTeam is a clone of upstream with a name, one service and no samples of its own.
func newTeam(upstream sandbox) sandbox {
	t := upstream.t
	t.Helper()
	s := sandbox{t, t.TempDir()}
	s.git("clone", "--quiet", "--origin=upstream", upstream.root, ".")
	// As a person has them, for the commands of the merge itself.
	s.git("config", "user.name", "A")
	s.git("config", "user.email", "a@example.com")
	if _, err := Rename(t.Context(), s.root, shop); err != nil {
		t.Fatal(err)
	}
	s.commit("rename")
	if _, err := New(t.Context(), s.root, "hello-go", "greeter"); err != nil {
		t.Fatal(err)
	}
	s.commit("greeter")
	for _, name := range []string{"hello-c", "hello-go", "hello-node", "hello-python"} {
		if _, err := Remove(t.Context(), s.root, name, false); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.RemoveAll(s.path("bare")); err != nil {
		t.Fatal(err)
	}
	s.commit("without samples")
	return s
}

// Two rounds of what upstream changes: templates, tooling, texts, samples, and all that is rendered from them.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	upstream := newUpstream(t)
	team := newTeam(upstream)

	upstream.edit("dockerfiles/go.Dockerfile", "FROM scratch", "FROM scratch@sha256:"+strings.Repeat("1", 64))
	upstream.edit("internal/a.go", "package internal", "package internal\n\nconst A = 1")
	upstream.edit("go.mod", "go 1.26\n", "go 1.26.1\n\nrequire golang.org/x/mod v0.1.0\n")
	upstream.edit("CHANGELOG.md", "## [0.1.0]", "## [0.2.0]\n\n## [0.1.0]")
	upstream.edit("README.md", "`go tool mage test`.", "`go tool mage test`, which is quick now.")
	upstream.edit("README.md", row("hello-go", "1 MB"), row("hello-go", "2 MB"))
	upstream.edit("docs/images.md", "Images are", "All images are")
	upstream.edit("project.yaml", "licenses: Apache-2.0", "licenses: Apache-2.0\nplatforms: [linux/amd64, linux/arm64]")
	upstream.edit("services/hello-go/main.go", "greets.", "greets and waves.")
	upstream.edit("services/hello-go/service.yaml", "port: 8080", "port: 8081")
	upstream.write("services/hello-go/wave.go", "package main\n")
	upstream.write("services/hello-node/lib/wave.js", "wave();\n")
	upstream.write("services/hello-rust/README.md", "Not a service yet.\n")
	upstream.write("bench/peers/hello-go.Dockerfile", "FROM scratch AS peer\n")
	upstream.write("bare/main.go", "package main\n\nfunc main() {}\n")
	upstream.write("libs/go/b/b.go", "package b\n\nimport _ \"example.com/stagecraft/libs/go/a\"\n")
	upstream.write("libs/go-tracing/go.mod", "module example.com/stagecraft/libs/go-tracing\n\ngo 1.26\n\nrequire example.com/stagecraft/libs/go v0.0.0\n\nreplace example.com/stagecraft/libs/go => ../go\n")
	upstream.render()
	upstream.commit("round 1")

	// A control: git alone does not get there.
	team.git("fetch", "--quiet", "upstream")
	if out, err := team.try("merge", "upstream/main"); err == nil || !strings.Contains(out, "CONFLICT") {
		t.Fatalf("git alone merges, so that this test proves nothing: %v\n%s", err, out)
	}
	team.git("merge", "--abort")

	before := team.everything()
	upgraded, err := team.upgrade()
	if err != nil {
		t.Fatal(err)
	}
	removed := []string{"bare", "bench/peers/hello-go.Dockerfile", "services/hello-go", "services/hello-node"}
	for _, name := range removed {
		if _, err := os.Stat(team.path(name)); err == nil {
			t.Errorf("%s is back", name)
		}
	}
	if !slices.Equal(upgraded.Removed, removed) || upgraded.Commits != 1 || upgraded.Changed == 0 {
		t.Errorf("it reports %+v", upgraded)
	}
	for name, want := range map[string]string{
		"dockerfiles/go.Dockerfile":     "FROM scratch@sha256:1",
		"services/greeter/Dockerfile":   "FROM scratch@sha256:1",
		"services/greeter/main.go":      "// Command greeter greets.\n",
		"services/hello-rust/README.md": "yet",
		"internal/a.go":                 "example.com/stagecraft/internal\n",
		"go.mod":                        "module example.com/stagecraft\n\ngo 1.26.1\n",
		"go.work":                       "./libs/go-tracing\n",
		"CHANGELOG.md":                  "## [0.2.0]",
		"README.md":                     "# shop\n\nServices.\n\n" + sizetable.Begin + "\n" + row("service", "size") + row("---", "---") + sizetable.End + "\n\nTry `docker run shop/hello-go:dev`, or\n`go tool mage test`, which is quick now.\n",
		"docs/images.md":                "All images are `shop/NAME:dev`",
		"project.yaml":                  "name: shop # of all images\nsource: https://github.com/acme/shop\nlicenses: Apache-2.0\nplatforms:",
		"libs/go/b/b.go":                "\"github.com/acme/shop/libs/go/a\"",
		"libs/go-tracing/go.mod":        "module github.com/acme/shop/libs/go-tracing\n",
		"libs/node/package.json":        "@shop/kit",
	} {
		if got := team.read(name); !strings.Contains(got, want) {
			t.Errorf("%s lacks %q:\n%s", name, want, got)
		}
	}
	team.rendered()
	// It can be taken back, and done again.
	team.git("merge", "--abort")
	if team.everything() != before {
		t.Error("`git merge --abort` does not lead back")
	}
	if _, err := team.upgrade(); err != nil {
		t.Fatal(err)
	}
	team.git("commit", "--quiet", "--no-edit")

	// Both sides go on.
	team.edit("services/greeter/service.yaml", "description: Greets", "description: Greets well")
	team.render()
	team.commit("greets well")
	upstream.edit("dockerfiles/go.Dockerfile", strings.Repeat("1", 64), strings.Repeat("2", 64))
	upstream.edit("CHANGELOG.md", "## [0.2.0]", "## [0.3.0]\n\n## [0.2.0]")
	upstream.edit("README.md", row("hello-go", "2 MB"), row("hello-go", "3 MB"))
	upstream.edit("services/hello-go/wave.go", "package main", "// Package main waves.\npackage main")
	upstream.write("services/hello-node/lib/bow.js", "bow();\n")
	upstream.edit("libs/go/b/b.go", "package b", "// Package b is new.\npackage b")
	upstream.write("services/hello-rust/README.md", "Nor now.\n")
	if err := os.RemoveAll(upstream.path("services/hello-c")); err != nil {
		t.Fatal(err)
	}
	upstream.render()
	upstream.commit("round 2")
	if upgraded, err = team.upgrade(); err != nil {
		t.Fatal(err)
	}
	if want := []string{"services/hello-go", "services/hello-node"}; !slices.Equal(upgraded.Removed, want) {
		t.Errorf("round 2: removed %q, want %q", upgraded.Removed, want)
	}
	for name, want := range map[string]string{
		"services/greeter/Dockerfile":   "FROM scratch@sha256:2",
		"docker-bake.json":              "Greets well",
		"libs/go/b/b.go":                "// Package b is new.\npackage b\n\nimport _ \"github.com/acme/shop/libs/go/a\"\n",
		"services/hello-rust/README.md": "Nor now.",
		"CHANGELOG.md":                  "## [0.3.0]",
	} {
		if got := team.read(name); !strings.Contains(got, want) {
			t.Errorf("round 2: %s lacks %q:\n%s", name, want, got)
		}
	}
	team.rendered()
	team.git("commit", "--quiet", "--no-edit")
	if upgraded, err = team.upgrade(); err != nil || upgraded.Commits != 0 {
		t.Errorf("nothing new: %+v, %v", upgraded, err)
	}
}

// What both sides changed is left as git leaves it, and leads back.
func TestUpgradeLeavesConflicts(t *testing.T) {
	t.Parallel()
	upstream := newUpstream(t)
	team := newTeam(upstream)
	team.edit("internal/a.go", "package internal", "package internal // of ours")
	team.edit("docs/images.md", "the builder", "our builder")
	team.commit("own tooling")
	upstream.edit("internal/a.go", "package internal", "package internal // of theirs")
	upstream.git("rm", "--quiet", "docs/images.md")
	upstream.edit("dockerfiles/go.Dockerfile", "COPY", "COPY --link")
	upstream.render()
	upstream.commit("conflicts")
	before := team.everything()
	_, err := team.upgrade()
	if err == nil || !strings.Contains(err.Error(), "merge upstream/main: both sides changed docs/images.md, internal/a.go; edit what git has marked there") ||
		strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v", err)
	}
	if text := team.read("internal/a.go"); !strings.Contains(text, "<<<<<<<") {
		t.Errorf("git's markers are gone:\n%s", text)
	}
	if unmerged := team.git("diff", "--name-only", "--diff-filter=U"); unmerged != "docs/images.md\ninternal/a.go" {
		t.Errorf("unmerged are\n%s", unmerged)
	}
	team.git("merge", "--abort")
	if team.everything() != before {
		t.Error("`git merge --abort` does not lead back")
	}
}

// A rendering that fails is not lost work either.
func TestUpgradeThatDoesNotRender(t *testing.T) {
	t.Parallel()
	upstream := newUpstream(t)
	team := newTeam(upstream)
	upstream.write("internal/b.go", "package internal\n")
	upstream.commit("more")
	team.git("fetch", "--quiet", "upstream")
	before := team.everything()
	_, err := Upgrade(t.Context(), team.root, "upstream/main", func(context.Context) error {
		team.write("go.work", "half\n")
		return errors.New("it does not compile")
	})
	if err == nil || !strings.Contains(err.Error(), "nothing conflicts, but it does not compile; fix that, then run: GOWORK=off go tool mage render") {
		t.Errorf("got %v", err)
	}
	team.git("merge", "--abort")
	if team.everything() != before {
		t.Error("`git merge --abort` does not lead back")
	}
}

func TestUpgradeRefuses(t *testing.T) {
	t.Parallel()
	upstream := newUpstream(t)
	team := newTeam(upstream)
	team.git("fetch", "--quiet", newSandbox(t).root, "main:stranger")
	team.write("services/greeter/new.go", "package main\n")
	before := team.everything()
	for from, want := range map[string]string{
		"upstream/main": "there are changes that are not committed, first services/greeter/new.go; commit them",
		"upstream/mian": "there is no such revision; run: git remote add upstream URL && git fetch upstream",
		"stranger":      "it has no commit in common with this repository; docs/upgrading.md",
	} {
		_, err := Upgrade(t.Context(), team.root, from, team.again)
		if err == nil || !strings.Contains(err.Error(), "merge "+from+": "+want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, want %q", from, err, want)
		}
		if team.everything() != before {
			t.Fatalf("%s: the repository changed", from)
		}
	}
}

// A repository without history of upstream is joined to it once, as docs/upgrading.md says.
func TestUpgradeOfACopy(t *testing.T) {
	t.Parallel()
	upstream := newUpstream(t)
	team := newTeam(upstream)
	team.git("checkout", "--quiet", "--orphan", "copy")
	team.git("commit", "--quiet", "--message=as one commit")
	team.git("merge", "--quiet", "--allow-unrelated-histories", "--strategy=ours", "--message=join", "upstream/main")
	upstream.edit("dockerfiles/go.Dockerfile", "COPY", "COPY --link")
	upstream.render()
	upstream.commit("link")
	if _, err := team.upgrade(); err != nil {
		t.Fatal(err)
	}
	if text := team.read("services/greeter/Dockerfile"); !strings.Contains(text, "COPY --link") {
		t.Errorf("the Dockerfile is\n%s", text)
	}
}
