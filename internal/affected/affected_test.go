package affected

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/stagecraft/internal/command"
)

// TestMain gives git an author and nobody's settings.
func TestMain(m *testing.M) {
	for name, value := range map[string]string{
		"GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.com", "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.com",
		"GIT_CONFIG_GLOBAL": os.DevNull, "GIT_CONFIG_NOSYSTEM": "1",
	} {
		os.Setenv(name, value)
	}
	for _, name := range []string{"GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"} { // a hook's
		os.Unsetenv(name)
	}
	os.Exit(m.Run())
}

// sandbox is a repository that a test may change.
type sandbox struct {
	t    testing.TB
	root string
}

const facts = `language: go
description: A service of a test
dockerfile: own
port: 8080
size:
  linux/amd64: {unpacked: 2MB, pull: 1MB}
  linux/arm64: {unpacked: 2MB, pull: 1MB}
run: {memory: 16MB}
checks:
  - {name: greets, get: /, expect: {status: 200}}
`

// The services of newSandbox, and what is special about each.
var dockerfiles = map[string]string{
	"plain":    "COPY services/plain /src/\n",
	"rendered": "COPY dockerfiles/bin/ /usr/local/bin/\nCOPY --parents services/rendered libs/one /src/\n",
	"wildcard": "COPY services/wildcard/*.txt libs/*/go.mod /src/\n",
	"mounted":  "RUN --mount=type=bind,source=libs/two,target=/libs make\nCOPY services/mounted/src /src/\n",
	"linked":   "COPY services/linked /src/\n", // has a link to libs/one/shared.txt
	"ignoring": "COPY services/ignoring libs/one /src/\n",
	"tested":   "FROM scratch AS test\nCOPY --from=runtime / /\nCOPY services/tested /src/\nCOPY libs/two/go.mod /src/\n",
	"waiting":  "COPY services/waiting/go.mod /src/\n", // depends on plain
}

// newSandbox is a repository of several services, committed on main.
func newSandbox(t testing.TB) sandbox {
	t.Helper()
	s := sandbox{t, t.TempDir()}
	s.write("project.yaml", "name: shop\nsource: https://example.com/shop\nlicenses: MIT\n")
	s.write(".dockerignore", "*\n!services/*\n!libs/*\n!dockerfiles/*/\n*/*/Dockerfile\n*/*/service.yaml\n**/*.md\n")
	s.write(".gitignore", "*.log\n/out/\n")
	s.write("dockerfiles/go.Dockerfile", "# check=error=true\n# Rendered from dockerfiles/go.Dockerfile: a template\nFROM scratch\n")
	s.write("dockerfiles/bin/tool", "#!/bin/sh\n")
	s.write("internal/tool.go", "package internal\n")
	s.write("README.md", "# shop\n")
	var targets []string
	for name, lines := range dockerfiles {
		dir := "services/" + name + "/"
		s.write(dir+"Dockerfile", "FROM scratch AS runtime\n"+lines)
		for _, file := range []string{"go.mod", "main.go", "notes.txt", "README.md", "src/a.txt", "src/b.txt"} {
			s.write(dir+file, name+"\n")
		}
		own := facts
		switch name {
		case "rendered":
			own = strings.Replace(own, "dockerfile: own\n", "uses: [libs/one]\n", 1)
		case "waiting":
			own += "depends_on: [plain]\n"
		}
		s.write(dir+"service.yaml", own)
		targets = append(targets, `"`+name+`": {"target": "runtime"}, "`+name+`-test": {"target": "test"}`)
	}
	slices.Sort(targets)
	s.write("services/ignoring/Dockerfile.dockerignore", "*\n!services/ignoring\n!libs/one\n**/*.txt\n**/service.yaml\n")
	s.write("docker-bake.json", "{\"target\": {\n"+strings.Join(targets, ",\n")+"\n}}\n")
	for _, lib := range []string{"libs/one/", "libs/two/"} {
		for _, file := range []string{"go.mod", "lib.go", "shared.txt", "README.md"} {
			s.write(lib+file, lib+"\n")
		}
	}
	if err := os.Symlink("../../libs/one/shared.txt", filepath.Join(s.root, "services/linked/shared.txt")); err != nil {
		t.Skip(err)
	}
	s.git("init", "--quiet", "--initial-branch=main")
	s.git("add", "--all")
	s.git("commit", "--quiet", "--message=begin")
	s.git("tag", "start")
	return s
}

func (s sandbox) path(name string) string { return filepath.Join(s.root, filepath.FromSlash(name)) }

func (s sandbox) write(name, content string) {
	s.t.Helper()
	if err := os.MkdirAll(filepath.Dir(s.path(name)), 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(s.path(name), []byte(content), 0o644); err != nil {
		s.t.Fatal(err)
	}
}

// replace changes text in a file, which must have it.
func (s sandbox) replace(name, before, after string) {
	s.t.Helper()
	data, err := os.ReadFile(s.path(name))
	if err != nil || !strings.Contains(string(data), before) {
		s.t.Fatalf("%s has no %q (%v)", name, before, err)
	}
	s.write(name, strings.Replace(string(data), before, after, 1))
}

func (s sandbox) remove(name string) {
	s.t.Helper()
	if err := os.RemoveAll(s.path(name)); err != nil {
		s.t.Fatal(err)
	}
}

func (s sandbox) git(args ...string) string {
	s.t.Helper()
	out, err := command.Command{Args: append([]string{"git"}, args...), Dir: s.root, Stderr: s.t.Output()}.Output(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return strings.TrimSpace(out)
}

func (s sandbox) commit(message string) {
	s.t.Helper()
	s.git("add", "--all")
	s.git("commit", "--quiet", "--allow-empty", "--message="+message)
}

// reset goes back to the commit of newSandbox; no other file is left.
func (s sandbox) reset() {
	s.t.Helper()
	s.git("checkout", "--quiet", "--force", "-B", "main", "start")
	s.git("clean", "--quiet", "-ffdx")
}

// since is the report as lines, a tab as a space.
func (s sandbox) since(revision string) []string {
	s.t.Helper()
	report, err := Since(s.t.Context(), s.root, revision)
	if err != nil {
		s.t.Fatal(err)
	}
	lines := report.Lines()
	for i := range lines {
		lines[i] = strings.Replace(lines[i], "\t", " ", 1)
	}
	return lines
}

// every is the line of each service for a reason that all have; one of them depends on another.
func every(reason string) []string {
	var lines []string
	for name := range dockerfiles {
		line := name + " " + reason
		if name == "waiting" {
			line += "; and 1 more"
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return lines
}

func TestSince(t *testing.T) {
	s := newSandbox(t)
	for _, tt := range []struct {
		name   string
		change func()
		want   []string
	}{
		{"nothing", func() {}, nil},
		{"a file that nothing reads", func() { s.write("README.md", "# more\n") }, nil},
		{"a file left out of the build", func() { s.write("services/mounted/README.md", "# more\n") }, nil},
		{"a file of one service", func() { s.write("services/mounted/src/a.txt", "1\n") }, []string{
			"mounted services/mounted/src/a.txt, its own file",
		}},
		{"a file of several Dockerfiles, of a test stage in one", func() { s.write("libs/two/go.mod", "1\n") }, []string{
			"mounted libs/two/go.mod, which its Dockerfile copies",
			"tested libs/two/go.mod, which its Dockerfile copies",
			"wildcard libs/two/go.mod, which its Dockerfile copies",
		}},
		{"shared code", func() { s.write("libs/one/lib.go", "1\n") }, []string{
			"ignoring libs/one/lib.go, which its Dockerfile copies",
			"rendered libs/one/lib.go, used through uses",
			"wildcard libs/one/lib.go, which its Dockerfile copies",
		}},
		{"a script", func() { s.write("dockerfiles/bin/tool", "1\n") }, []string{
			"rendered dockerfiles/bin/tool, which its Dockerfile copies",
		}},
		{"a script's mode", func() { _ = os.Chmod(s.path("dockerfiles/bin/tool"), 0o755) }, []string{
			"rendered dockerfiles/bin/tool, which its Dockerfile copies",
		}},
		{"a template", func() { s.write("dockerfiles/go.Dockerfile", "1\n") }, []string{
			"rendered dockerfiles/go.Dockerfile, its template",
		}},
		{"a pin", func() { s.replace("services/mounted/Dockerfile", "FROM scratch", "FROM alpine") }, []string{
			"mounted services/mounted/Dockerfile, its own file",
		}},
		{"facts", func() { s.replace("services/mounted/service.yaml", "16MB", "32MB") }, []string{
			"mounted services/mounted/service.yaml, its facts",
		}},
		{"facts of the project", func() { s.replace("project.yaml", "MIT", "ISC") }, every("project.yaml, the facts of all services")},
		{"the tooling", func() { s.write("internal/tool.go", "package x\n") }, every("internal/tool.go, the tooling")},
		{"a bake target", func() {
			s.replace("docker-bake.json", `"mounted": {"target": "runtime"`, `"mounted": {"target": "debug"`)
		}, []string{
			"mounted docker-bake.json, its bake target",
		}},
		{"a bake target of tests", func() {
			s.replace("docker-bake.json", `"mounted-test": {"target": "test"`, `"mounted-test": {"target": "all"`)
		}, []string{
			"mounted docker-bake.json, its bake target",
		}},
		{"files that .dockerignore lets in", func() { s.replace(".dockerignore", "**/*.md\n", "**/*.md\n!services/tested/*.md\n!libs/one/*.md\n") }, []string{
			"rendered libs/one/README.md, now part of its build",
			"tested services/tested/README.md, now part of its build",
			"wildcard libs/one/README.md, now part of its build",
		}},
		{"files that .dockerignore leaves out", func() {
			s.replace(".dockerignore", "**/*.md\n", "**/*.md\nservices/plain/main.go\nservices/ignoring/main.go\n")
		}, []string{
			"plain services/plain/main.go, no longer part of its build",
			"waiting services/plain, which it depends on",
		}},
		{"files that a Dockerfile's own .dockerignore leaves out", func() {
			s.write("services/ignoring/Dockerfile.dockerignore", "*\n!libs/one\n**/*.txt\n**/service.yaml\n")
		}, []string{
			"ignoring services/ignoring/Dockerfile.dockerignore, its own file; and 3 more",
		}},
		{"a service that another one waits for", func() { s.write("services/plain/main.go", "1\n") }, []string{
			"plain services/plain/main.go, its own file",
			"waiting services/plain, which it depends on",
		}},
		{"the target of a link", func() { s.write("libs/one/shared.txt", "1\n") }, []string{
			"linked libs/one/shared.txt, which its Dockerfile copies",
			"rendered libs/one/shared.txt, used through uses",
			"wildcard libs/one/shared.txt, which its Dockerfile copies",
		}},
		{"the target of a link is gone", func() { s.remove("libs/one/shared.txt") }, []string{
			"linked libs/one/shared.txt, which its Dockerfile copies",
			"rendered libs/one/shared.txt, used through uses",
			"wildcard libs/one/shared.txt, which its Dockerfile copies",
		}},
		{"a file that git ignores", func() { s.write("services/mounted/src/x.log", "1\n") }, nil},
		{"an untracked file", func() { s.write("services/mounted/src/new.txt", "1\n") }, []string{
			"mounted services/mounted/src/new.txt, its own file",
		}},
		{"a staged file", func() { s.write("services/mounted/src/new.txt", "1\n"); s.git("add", "--all") }, []string{
			"mounted services/mounted/src/new.txt, its own file",
		}},
		{"a deleted file", func() { s.remove("services/mounted/src/a.txt") }, []string{
			"mounted services/mounted/src/a.txt, its own file",
		}},
		{"a file moved away", func() { s.git("mv", "services/mounted/src/a.txt", "away.txt"); s.commit("move") }, []string{
			"mounted services/mounted/src/a.txt, its own file",
		}},
		{"a file that became a folder", func() { s.remove("services/mounted/src/a.txt"); s.write("services/mounted/src/a.txt/b", "1\n") }, []string{
			"mounted services/mounted/src/a.txt, its own file; and 1 more",
		}},
		{"a name that git would quote", func() { s.write("services/mounted/src/\u00fc \"x\".txt", "1\n"); s.commit("odd") }, []string{
			"mounted services/mounted/src/\u00fc \"x\".txt, its own file",
		}},
		{"a deleted service", func() { s.remove("services/mounted"); s.commit("delete") }, []string{"mounted removed"}},
		{"a renamed service", func() { s.git("mv", "services/mounted", "services/moved"); s.commit("rename") }, []string{
			"moved services/moved, a new service",
			"mounted removed",
		}},
		{"a new service that is not in git yet", func() {
			s.write("services/fresh/service.yaml", facts)
			s.write("services/fresh/Dockerfile", "FROM scratch\n")
		}, []string{"fresh services/fresh, a new service"}},
		{"a commit and its opposite", func() {
			s.write("services/mounted/src/a.txt", "1\n")
			s.commit("there")
			s.write("services/mounted/src/a.txt", "mounted\n")
			s.commit("and back")
		}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s.reset()
			tt.change()
			if got := s.since("start"); !slices.Equal(got, tt.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
		})
	}
}

// What a branch changed is compared with where it left main, also after main was merged into it.
func TestSinceOfBranches(t *testing.T) {
	t.Parallel()
	s := newSandbox(t)
	s.git("checkout", "--quiet", "-b", "topic")
	s.write("services/mounted/src/a.txt", "1\n")
	s.commit("on the topic")
	s.git("checkout", "--quiet", "main")
	s.write("services/tested/main.go", "1\n")
	s.commit("on main")
	s.git("checkout", "--quiet", "topic")
	want := []string{"mounted services/mounted/src/a.txt, its own file"}
	if got := s.since("main"); !slices.Equal(got, want) {
		t.Errorf("main is ahead: got %q, want %q", got, want)
	}
	s.git("merge", "--quiet", "--no-edit", "main")
	if got := s.since("main"); !slices.Equal(got, want) {
		t.Errorf("main is merged: got %q, want %q", got, want)
	}
	// The merge itself, as CI on main sees it: what its first parent did not have.
	want = []string{"tested services/tested/main.go, its own file"}
	if got := s.since("HEAD^"); !slices.Equal(got, want) {
		t.Errorf("since the first parent: got %q, want %q", got, want)
	}
}

// A repository that is a folder of another one.
func TestSinceInAFolder(t *testing.T) {
	t.Parallel()
	s := newSandbox(t)
	s.git("mv", "-k", "project.yaml", "services", "libs", "dockerfiles", "docker-bake.json", ".dockerignore", "internal", s.inner())
	s.commit("one floor down")
	s.git("tag", "moved")
	inside := sandbox{t, s.path("inner")}
	inside.write("services/mounted/src/a.txt", "1\n")
	s.write("services/mounted/src/a.txt", "not a service\n")
	want := []string{"mounted services/mounted/src/a.txt, its own file"}
	if got := inside.since("moved"); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// inner is a new folder of the repository.
func (s sandbox) inner() string {
	s.t.Helper()
	if err := os.Mkdir(s.path("inner"), 0o755); err != nil {
		s.t.Fatal(err)
	}
	return "inner"
}

// The working tree, the index and the branch are the user's.
func TestSinceChangesNothing(t *testing.T) {
	t.Parallel()
	s := newSandbox(t)
	s.write("services/mounted/src/a.txt", "1\n")
	s.git("add", "--all")
	s.write("services/mounted/src/b.txt", "1\n")
	before := s.git("status", "--porcelain=v2", "--branch")
	s.since("main")
	if after := s.git("status", "--porcelain=v2", "--branch"); after != before {
		t.Errorf("status was\n%s\nand is\n%s", before, after)
	}
}

// Each error has the command that fixes it, and the command does.
func TestSinceWithoutHistory(t *testing.T) {
	t.Parallel()
	origin := newSandbox(t)
	origin.git("checkout", "--quiet", "-b", "topic")
	for i := range 3 {
		origin.write("services/mounted/src/a.txt", fmt.Sprintln(i))
		origin.commit("on the topic")
	}
	clone := func(args ...string) sandbox {
		s := sandbox{t, filepath.Join(t.TempDir(), "clone")}
		origin.git(append(append([]string{"clone", "--quiet"}, args...), "file://"+filepath.ToSlash(origin.root), s.root)...)
		return s
	}
	for name, tt := range map[string]struct {
		clone    sandbox
		revision string
		command  string
	}{
		"shallow, without the branch": {clone("--depth=1", "--branch=topic"), "origin/main", "git fetch --unshallow origin +refs/heads/main:refs/remotes/origin/main"},
		"shallow, with the branch":    {clone("--depth=1", "--branch=topic", "--no-single-branch"), "origin/main", "git fetch --unshallow"},
		"shallow, without the tag":    {clone("--depth=1", "--branch=topic", "--no-tags"), "start", "git fetch --unshallow --tags"},
		"without the branch":          {clone("--single-branch", "--branch=topic"), "origin/main", "git fetch origin +refs/heads/main:refs/remotes/origin/main"},
	} {
		_, err := Since(t.Context(), tt.clone.root, tt.revision)
		if err == nil || !strings.HasPrefix(err.Error(), "find what changed since "+tt.revision+": ") || !strings.HasSuffix(err.Error(), "; run: "+tt.command) {
			t.Errorf("%s: got %v, want it to end in: run: %s", name, err, tt.command)
			continue
		}
		tt.clone.git(strings.Fields(tt.command)[1:]...)
		want := []string{"mounted services/mounted/src/a.txt, its own file"}
		if got := tt.clone.since(tt.revision); !slices.Equal(got, want) {
			t.Errorf("%s: after %s: got %q, want %q", name, tt.command, got, want)
		}
	}
	if _, err := Since(t.Context(), origin.root, "no-such"); err == nil || !strings.Contains(err.Error(), "there is no such revision") {
		t.Errorf("an unknown revision: got %v", err)
	}
	if _, err := Since(t.Context(), t.TempDir(), "main"); err == nil || !strings.Contains(err.Error(), "not a git repository") {
		t.Errorf("no repository: got %v", err)
	}
	origin.git("checkout", "--quiet", "--orphan", "other")
	origin.commit("another history")
	if _, err := Since(t.Context(), origin.root, "main"); err == nil || !strings.Contains(err.Error(), "no commit in common") {
		t.Errorf("another history: got %v", err)
	}
}
