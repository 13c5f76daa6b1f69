package affected

import (
	"maps"
	"math/rand/v2"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"example.com/stagecraft/internal/build"
	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/git"
)

// TestSinceAgainstKeys makes random changes and computes all keys before and after: what a build would build again must be
// listed, and hardly anything else.
func TestSinceAgainstKeys(t *testing.T) {
	t.Parallel()
	rounds := 250
	if testing.Short() {
		rounds = 25
	}
	s := newSandbox(t)
	random := rand.New(rand.NewPCG(13, 4))
	start := s.keys()
	listed, stale := 0, 0
	for round := range rounds {
		s.reset()
		var done []string
		for range 1 + random.IntN(3) {
			done = append(done, s.change(random))
		}
		switch random.IntN(3) {
		case 0:
			s.commit("a change")
		case 1:
			s.git("add", "--all")
		}
		report, err := Since(t.Context(), s.root, "start")
		if err != nil {
			t.Fatalf("round %d, %q: %v", round, done, err)
		}
		var names []string
		for _, service := range report.Services {
			// Facts and the services that it starts are part of proofs, not of keys.
			if slices.ContainsFunc(service.Reasons, func(r Reason) bool { return r.Why != "its facts" && r.Why != "which it depends on" }) {
				names = append(names, service.Name)
			}
		}
		listed += len(names)
		for name, key := range s.keys() {
			if key == start[name] {
				continue
			}
			stale++
			if !slices.Contains(names, name) {
				t.Errorf("round %d, %q: the key of %s differs, and it is not listed", round, done, name)
			}
		}
	}
	t.Logf("%d changes: %d services have other keys, %d are listed", rounds, stale, listed)
	if stale < rounds/2 {
		t.Errorf("only %d services have other keys after %d changes: the changes prove little", stale, rounds)
	}
	if listed > stale+stale/20 {
		t.Errorf("%d services are listed and %d have other keys: more than 5 %% too many", listed, stale)
	}
}

// keys are those of all services that are there.
func (s sandbox) keys() map[string]string {
	s.t.Helper()
	services, err := catalog.Services(s.root)
	if err != nil {
		s.t.Fatal(err)
	}
	keys, err := build.Keys(s.root, services)
	if err != nil {
		s.t.Fatal(err)
	}
	return keys
}

// change makes one random change and names it.
func (s sandbox) change(random *rand.Rand) string {
	s.t.Helper()
	pick := func(list []string) string { return list[random.IntN(len(list))] }
	name := pick(s.files(func(name string) bool {
		file := path.Base(name)
		return file != "Dockerfile" && file != "service.yaml" && file != "project.yaml" && file != "docker-bake.json" &&
			!strings.HasPrefix(file, ".") && !within(name, "internal") && path.Ext(name) != ".Dockerfile"
	}))
	service := "services/" + pick(slices.Sorted(maps.Keys(dockerfiles)))
	switch random.IntN(12) {
	case 0:
		if err := os.Remove(s.path(name)); err != nil {
			s.t.Fatal(err)
		}
		return "delete " + name
	case 1:
		to := path.Join(pick([]string{"libs/one", "libs/two", "docs", service, service + "/src", "dockerfiles/bin"}), "moved-"+path.Base(name))
		if err := os.MkdirAll(path.Dir(s.path(to)), 0o755); err != nil {
			s.t.Fatal(err)
		}
		if err := os.Rename(s.path(name), s.path(to)); err != nil {
			s.t.Fatal(err)
		}
		return "move " + name + " to " + to
	case 2:
		to := path.Join(pick([]string{"libs/one", "libs/two", "docs", service, service + "/src"}), "new"+pick([]string{".txt", ".md", ".go"}))
		s.write(to, "new\n")
		return "add " + to
	case 3:
		if info, err := os.Stat(s.path(name)); err != nil || os.Chmod(s.path(name), info.Mode()^0o111) != nil {
			return "no other mode for " + name // a link whose target is gone
		}
		return "other mode for " + name
	case 4:
		if err := os.Remove(s.path(name)); err != nil {
			s.t.Fatal(err)
		}
		to := pick([]string{"../../libs/one/shared.txt", "../../libs/two/lib.go", "../plain/main.go", "nowhere"})
		if err := os.Symlink(to, s.path(name)); err != nil {
			s.t.Skip(err)
		}
		return "link " + name + " to " + to
	case 5:
		line := pick([]string{"libs/one", "!**/*.md", "**/*.txt", "services/*/src", "**/go.mod", "# nothing", "*/plain"})
		s.extend(".dockerignore", line)
		return "ignore " + line
	case 6:
		line := pick([]string{"COPY libs/two /two/", "COPY services/plain/*.md /", "# nothing"})
		s.extend(service+"/Dockerfile", line)
		return "write " + line + " in " + service
	case 7:
		before := pick([]string{`"plain": {"target": "runtime"`, `"linked": {"target": "runtime"`})
		data, err := os.ReadFile(s.path("docker-bake.json"))
		if err != nil {
			s.t.Fatal(err)
		}
		s.write("docker-bake.json", strings.Replace(string(data), before, strings.Replace(before, "runtime", "debug", 1), 1))
		return "bake " + before
	case 8:
		data, err := os.ReadFile(s.path(service + "/service.yaml"))
		if err != nil {
			s.t.Fatal(err)
		}
		s.write(service+"/service.yaml", strings.Replace(string(data), "16MB", "32MB", 1))
		return "more memory for " + service
	default:
		s.write(name, "changed\n")
		return "edit " + name
	}
}

// files are the repository's that a test may change.
func (s sandbox) files(ok func(name string) bool) []string {
	s.t.Helper()
	var files []string
	list, err := git.List(s.t.Context(), s.root, "ls-files", "--cached", "--others", "--exclude-standard", "-z")
	if err != nil {
		s.t.Fatal(err)
	}
	for name := range newPaths(list) {
		if _, err := os.Lstat(s.path(name)); err == nil && ok(name) {
			files = append(files, name)
		}
	}
	slices.Sort(files)
	return files
}

// extend adds a line to a file.
func (s sandbox) extend(name, line string) {
	s.t.Helper()
	data, err := os.ReadFile(s.path(name))
	if err != nil {
		s.t.Fatal(err)
	}
	s.write(name, string(data)+line+"\n")
}
