package tooling

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/moby/moby/client"

	"example.com/stagecraft/internal/build"
	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/project"
)

// TestPublish builds an image, publishes it when it is proven, verifies it, builds it again from its commit, and lets the engine
// pull it: it has the layers' content and the configuration that were built.
func TestPublish(t *testing.T) {
	lab := open(t)
	root, _ := leaky(t, lab.root, canaries{})
	facts := filepath.Join(root, "project.yaml")
	text, err := os.ReadFile(facts)
	mustNot(t, err)
	text = append(regexp.MustCompile(`(?m)^(platforms|registry):.*\n`).ReplaceAll(text, nil), "platforms: ["+string(lab.native)+"]\n"...)
	mustNot(t, os.WriteFile(facts, text, 0o644), os.WriteFile(filepath.Join(root, ".gitignore"), []byte("/out/\n"), 0o644))
	services := own(t, root, "steady")
	commit(t, root)

	s := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	defer s.Close()
	private, public := keyFiles(t)
	to := project.Publication{To: strings.TrimPrefix(s.URL, "http://") + "/team", Tag: "v1", Key: private}
	var out bytes.Buffer
	p := project.Project{Root: root, Out: &out, Progress: t.Output()}
	refused := func(words string) {
		t.Helper()
		if err := p.Publish(t.Context(), "steady", to); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("got %v, want %s", err, words)
		}
	}
	refused("steady: there is no image of the current sources; run `go tool mage test -services=steady`")
	b, err := build.New(t.Context(), root, lab.engine, "", t.Output())
	mustNot(t, err)
	sel := build.Selection{Services: services, Platforms: []catalog.Platform{lab.native}, Project: []catalog.Platform{lab.native}}
	built, err := b.Build(t.Context(), planned(t, b, root, sel))
	mustNot(t, err)
	refused("steady: its image for " + string(lab.native) + " is not proven")
	mustNot(t, b.NoteProven(sel, built.Digests))
	stray := filepath.Join(root, "services", "steady", "stray")
	mustNot(t, os.WriteFile(stray, nil, 0o644))
	refused("commit it first")
	mustNot(t, os.Remove(stray), p.Publish(t.Context(), "steady", to))

	tag, err := name.NewTag(to.To + "/steady:v1")
	mustNot(t, err)
	there, err := remote.Head(tag)
	mustNot(t, err)
	pulled := tag.String() + "@" + there.Digest.String()
	if !contains(strings.Split(out.String(), "\n"), "steady ... "+string(lab.native)+" ... "+pulled) {
		t.Errorf("the table lacks %s:\n%s", pulled, &out)
	}
	out.Reset()
	mustNot(t, p.PublishVerify(t.Context(), tag.String(), public, true))
	for _, line := range []string{"verified ... signature ... as steady:v1", "verified ... built again for " + string(lab.native) + " ... the same files and configuration"} {
		if !contains(strings.Split(out.String(), "\n"), line) {
			t.Errorf("%q is not in what was verified:\n%s", line, &out)
		}
	}
	answer, err := lab.engine.Client().ImagePull(t.Context(), pulled, client.ImagePullOptions{})
	mustNot(t, err)
	mustNot(t, answer.Wait(t.Context()))
	defer func() { _, _ = lab.engine.Client().ImageRemove(t.Context(), pulled, client.ImageRemoveOptions{}) }()
	got, err := lab.engine.Client().ImageInspect(t.Context(), pulled)
	mustNot(t, err)
	want, err := lab.engine.Client().ImageInspect(t.Context(), services[0].Image())
	mustNot(t, err)
	if !slices.Equal(got.RootFS.Layers, want.RootFS.Layers) || len(got.RootFS.Layers) == 0 {
		t.Errorf("pulled are the layers %v, built were %v", got.RootFS.Layers, want.RootFS.Layers)
	}
}

// keyFiles are a private and a public key.
func keyFiles(t *testing.T) (private, public string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	mustNot(t, err)
	secret, err := x509.MarshalECPrivateKey(key)
	mustNot(t, err)
	known, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	mustNot(t, err)
	private, public = filepath.Join(t.TempDir(), "cosign.key"), filepath.Join(t.TempDir(), "cosign.pub")
	mustNot(t,
		os.WriteFile(private, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: secret}), 0o600),
		os.WriteFile(public, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: known}), 0o600))
	return private, public
}

// commit makes a git repository of root, with everything in it in one commit.
func commit(t *testing.T, root string) {
	t.Helper()
	for _, args := range [][]string{
		{"init", "-q"},
		{"add", "-A"},
		{"-c", "user.name=Test", "-c", "user.email=test@example.com", "commit", "-q", "-m", "All"},
	} {
		git := exec.CommandContext(t.Context(), "git", args...)
		git.Dir = root
		if said, err := git.CombinedOutput(); err != nil {
			t.Fatalf("git %s: %v: %s", args[0], err, said)
		}
	}
}
