package tooling

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/stagecraft/internal/build"
	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/dockerfile"
	"example.com/stagecraft/internal/render"
)

// leaks are Dockerfiles of testdata/faulty that let a canary out, each in its own way, and where it must be found; " ... "
// stands for anything, PLATFORM for the
// engine's own. What a Dockerfile says itself is in the provenance too.
var leaks = map[string][]string{
	"arg":        {"arg: the secret password of a proxy (raw) is in config of PLATFORM (sha256: ... ), .history[0].created_by"},
	"env":        {"env: the secret password of a proxy (raw) is in config of PLATFORM (sha256: ... ), .config.Env[ ... "},
	"removed":    {"removed: the secret npmrc (raw) is in layer  ... of PLATFORM (sha256: ... ), root/.npmrc"},
	"encoded":    {"encoded: the secret ca (base64) is in layer 1 of 1 of PLATFORM (sha256: ... ), bundle.txt"},
	"cached":     {"cached: the secret netrc (raw) is in build cache: layer ... (sha256: ... ), root/.netrc"},
	"printed":    {"the secret uv (raw) is in build log, line "},
	"provenance": {"provenance: the secret password of a proxy ( ... is in layer 1 of 1 of the attestation of PLATFORM (sha256: ... ), .predicate."},
}

// TestLeaks is the negative control of TestSecrets.
func TestLeaks(t *testing.T) {
	lab := open(t)
	c := release(t, lab.root)
	c.log = filepath.Join(t.TempDir(), "build.log") // this one leaks
	mustNot(t, os.WriteFile(c.log, nil, 0o600))
	root, services := leaky(t, lab.root, c)
	p := buildWith(t, c, root, build.Selection{Services: services, Platforms: []catalog.Platform{lab.native}},
		build.Fresh{Provenance: "max", Cache: t.TempDir(), NoCache: true}) // what is taken from a cache prints nothing
	found := p.search(t, c, services)
	for kind, expected := range leaks {
		for _, words := range expected {
			words = strings.Replace(words, "PLATFORM", string(lab.native), 1)
			if !contains(found, words) {
				t.Errorf("%s is not found: %s", kind, words)
			}
		}
	}
	if t.Failed() {
		t.Logf("found:\n%s", strings.Join(found, "\n"))
	}
}

// TestWitness: a step that is given another secret than the canary fails, so that none can pass unseen.
func TestWitness(t *testing.T) {
	lab := open(t)
	c := release(t, lab.root)
	root, _ := leaky(t, lab.root, c)
	services := own(t, root, "wrong")
	c.witness(t, root)
	t.Setenv("NETRC", os.Getenv("NPM_CONFIG_USERCONFIG"))
	var log bytes.Buffer
	if err := fresh(t, root, build.Selection{Services: services, Platforms: []catalog.Platform{lab.native}}, &log, build.Fresh{Dir: t.TempDir()}); err == nil || !strings.Contains(log.String(), "with-secrets: netrc is not its canary") {
		t.Errorf("error is %v, the log:\n%s", err, &log)
	}
}

// leaky makes a repository of the services in testdata/faulty.
func leaky(t *testing.T, root string, c canaries) (string, []catalog.Service) {
	t.Helper()
	to := checkout(t, root)
	services, err := catalog.Services(to)
	mustNot(t, err)
	base := anyBase(t, to, services)
	mustNot(t, os.RemoveAll(filepath.Join(to, "services")))
	facts, err := os.ReadFile(filepath.Join("testdata", "faulty", "service.yaml"))
	mustNot(t, err)
	files, err := filepath.Glob(filepath.Join("testdata", "faulty", "*.Dockerfile"))
	mustNot(t, err)
	value := "none"
	if len(c.secrets) > 0 {
		value = c.secrets[len(c.secrets)-1].Value
	}
	var kinds []string
	for _, file := range files {
		kind := strings.TrimSuffix(filepath.Base(file), ".Dockerfile")
		text, err := os.ReadFile(file)
		mustNot(t, err)
		text = []byte(strings.NewReplacer("BASE", base, "CANARY", value).Replace(string(text)))
		dir := filepath.Join(to, "services", kind)
		mustNot(t, os.MkdirAll(dir, 0o755), os.WriteFile(filepath.Join(dir, "Dockerfile"), text, 0o644),
			os.WriteFile(filepath.Join(dir, "service.yaml"), facts, 0o644), os.WriteFile(filepath.Join(dir, "program"), facts, 0o644))
		if leaks[kind] != nil {
			kinds = append(kinds, kind)
		}
	}
	return to, own(t, to, kinds...)
}

// own loads services by name and renders what goes with them.
func own(t *testing.T, root string, names ...string) []catalog.Service {
	t.Helper()
	all, err := catalog.Load(root)
	mustNot(t, err)
	_, err = render.Write(root, all)
	mustNot(t, err)
	var chosen []catalog.Service
	for _, s := range all.Services {
		for _, name := range names {
			if s.Name == name {
				chosen = append(chosen, s)
			}
		}
	}
	if len(chosen) != len(names) {
		t.Fatalf("of %v there are only %d", names, len(chosen))
	}
	return chosen
}

// anyBase is a base image of some service, with a shell in it.
func anyBase(t *testing.T, root string, services []catalog.Service) string {
	t.Helper()
	for _, s := range services {
		name := s.Dir + "/Dockerfile"
		data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		mustNot(t, err)
		file, err := dockerfile.Parse(name, data)
		mustNot(t, err)
		for _, b := range file.Bases() {
			return b.Ref
		}
	}
	t.Skip("needs a service with a base image")
	return ""
}

// contains reports whether some line has all words, in order.
func contains(lines []string, words string) bool {
	for _, line := range lines {
		rest, all := line, true
		for part := range strings.SplitSeq(words, " ... ") {
			_, after, found := strings.Cut(rest, part)
			rest, all = after, all && found
		}
		if all {
			return true
		}
	}
	return false
}
