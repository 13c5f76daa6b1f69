package tooling

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"example.com/stagecraft/internal/build"
	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/dockerfile"
	"example.com/stagecraft/internal/engine"
	"example.com/stagecraft/internal/progress"
)

// TestSecrets builds every service with a canary in every build secret, as for publishing, and searches all that comes out
// of it: layers, configuration, attestations, the exported cache with all builder stages, the log. TestLeaks proves that the
// search finds what is there. It is not parallel: a build would disturb what others measure.
func TestSecrets(t *testing.T) {
	lab := open(t)
	c := release(t, lab.root)
	root := checkout(t, lab.root)
	services, err := catalog.Services(root)
	mustNot(t, err)
	if len(services) == 0 {
		t.Skip("needs a service")
	}
	for _, s := range services {
		usesScript(t, root, s)
	}
	c.witness(t, root)
	sel := build.Selection{Services: services, Platforms: catalog.Platforms}
	known := 0
	for _, finding := range buildWith(t, c, root, sel, build.Fresh{Provenance: "max", Cache: t.TempDir()}).search(t, c, services) {
		if showsProxies(finding) {
			known++
			continue
		}
		t.Error(finding)
	}
	if known == 0 {
		t.Error("provenance with mode=max no longer shows the addresses of proxies: remove showsProxies")
	}
	for _, finding := range buildWith(t, c, root, sel, build.Fresh{Provenance: "min"}).search(t, c, services) {
		t.Error(finding)
	}
	if t.Failed() {
		t.Logf("the log of these builds is %s", c.log)
	}
	// Negative control: the log shows which canaries have reached a step.
	log, err := os.ReadFile(c.log)
	mustNot(t, err)
	for id := range c.given {
		if !mounted(t, root, services, id) {
			continue
		}
		if !bytes.Contains(log, []byte("with-secrets: "+id+" is its canary")) {
			t.Errorf("no step was given the canary of %s: its absence proves nothing", id)
		}
	}
}

// showsProxies: provenance with mode=max lists build arguments by design, and BuildKit hands proxies to steps as such, with
// the passwords in their addresses. Behind such a proxy, publish with mode=min.
// Source: https://docs.docker.com/build/metadata/attestations/slsa-provenance/#max
func showsProxies(finding string) bool {
	return strings.Contains(finding, "password of a proxy") && strings.Contains(finding, "of the attestation of") &&
		(strings.Contains(finding, ".args.build-arg:FTP_PROXY") || strings.Contains(finding, ".meta.proxy_env.ftp_proxy"))
}

// places is where builds left what they made.
type places struct{ layouts, caches string } // caches may be empty

// buildWith builds services with canaries; the log is appended to those of former builds.
func buildWith(t *testing.T, c canaries, root string, sel build.Selection, f build.Fresh) places {
	t.Helper()
	log, err := os.OpenFile(c.log, os.O_APPEND|os.O_WRONLY, 0o600)
	mustNot(t, err)
	defer log.Close()
	f.Dir = t.TempDir()
	var last ending
	if err := fresh(t, root, sel, io.MultiWriter(log, &last), f); err != nil {
		t.Fatalf("%v; its end:\n%s", err, last.lines)
	}
	return places{layouts: f.Dir, caches: f.Cache}
}

// fresh builds services of the repository at root; all secrets are offered to all.
func fresh(t *testing.T, root string, sel build.Selection, log io.Writer, f build.Fresh) error {
	t.Helper()
	t.Setenv(progress.Setting, "plain") // all of it
	e, err := engine.Find(t.Context(), root, log)
	mustNot(t, err)
	builder, err := build.New(t.Context(), root, e, "", log)
	mustNot(t, err)
	sel.Services = slices.Clone(sel.Services)
	for i := range sel.Services {
		sel.Services[i].BuildSecrets = catalog.SecretNames
	}
	repository, err := catalog.Load(root)
	mustNot(t, err)
	plan, err := builder.Plan(t.Context(), repository, sel)
	if err != nil {
		return err
	}
	f.Quick = true
	return builder.Fresh(t.Context(), plan, f)
}

// ending keeps the last of what is written.
type ending struct{ lines []byte }

func (e *ending) Write(p []byte) (int, error) {
	e.lines = append(e.lines, p...)
	e.lines = e.lines[max(0, len(e.lines)-3000):]
	return len(p), nil
}

// search is what is found in the folders of services and in the log, each line with the service in front.
func (p places) search(t *testing.T, c canaries, services []catalog.Service) []string {
	t.Helper()
	log, err := os.Open(c.log)
	mustNot(t, err)
	defer log.Close()
	found, err := c.search.Log(log)
	mustNot(t, err)
	var lines []string
	for _, f := range found {
		lines = append(lines, f.String())
	}
	var mutex sync.Mutex
	var wait sync.WaitGroup
	for _, s := range services {
		for dir, kind := range map[string]string{p.layouts: "", p.caches: "build cache"} {
			if dir == "" {
				continue
			}
			wait.Go(func() {
				found, err := c.search.Folder(filepath.Join(dir, s.Name), kind)
				mutex.Lock()
				defer mutex.Unlock()
				if err != nil {
					t.Error(err)
				}
				for _, f := range found {
					lines = append(lines, s.Name+": "+f.String())
				}
			})
		}
	}
	wait.Wait()
	slices.Sort(lines)
	return lines
}

// usesScript makes sure that each step that is given a secret runs its tool through the script with-secrets, where witness looks.
func usesScript(t *testing.T, root string, s catalog.Service) {
	t.Helper()
	eachSecret(t, root, s, func(text string, line int, _ string) {
		if !strings.Contains(text, "with-secrets ") {
			t.Errorf("%s/Dockerfile:%d: a step is given a secret without the script with-secrets, so that this test cannot see whether its canary arrived", s.Dir, line)
		}
	})
}

func mounted(t *testing.T, root string, services []catalog.Service, id string) bool {
	t.Helper()
	found := false
	for _, s := range services {
		eachSecret(t, root, s, func(_ string, _ int, secret string) { found = found || secret == id })
	}
	return found
}

// eachSecret calls visit for each secret that a step of a service's image is given.
func eachSecret(t *testing.T, root string, s catalog.Service, visit func(text string, line int, id string)) {
	t.Helper()
	name := s.Dir + "/Dockerfile"
	data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	mustNot(t, err)
	file, err := dockerfile.Parse(name, data)
	mustNot(t, err)
	for _, stage := range file.Stages {
		for _, i := range stage.Instructions {
			run, ok := i.Command.(*instructions.RunCommand)
			if !ok {
				continue
			}
			for _, m := range instructions.GetMounts(run) {
				if m.Type == instructions.MountTypeSecret {
					visit(i.Text, i.Line, m.CacheID)
				}
			}
		}
	}
}
