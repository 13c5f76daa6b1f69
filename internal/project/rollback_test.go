package project

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"example.com/stagecraft/internal/deploy"
	"example.com/stagecraft/internal/image/imagetest"
	"example.com/stagecraft/internal/publish"
	"example.com/stagecraft/internal/signing"
)

// deployedProject is twoServices with the folder deploy, and a registry with the tag 1.0 of each.
func deployedProject(t *testing.T) (p Project, out *strings.Builder, registryAt string, digests map[string]string) {
	t.Helper()
	p, out = twoServices(t)
	p.write(t, "deploy/overlays/prod/kustomization.yaml", "resources: [../../base]\n")
	p.write(t, ".gitignore", "/out/\n")
	server := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	t.Cleanup(server.Close)
	registryAt, digests = strings.TrimPrefix(server.URL, "http://")+"/team", map[string]string{}
	for _, service := range []string{"one", "two"} {
		ref, err := name.NewTag(registryAt + "/" + service + ":1.0")
		if err != nil {
			t.Fatal(err)
		}
		index := mutate.Annotations(empty.Index, map[string]string{"service": service}).(v1.ImageIndex)
		digest, err := index.Digest()
		if err == nil {
			err = remote.WriteIndex(ref, index)
		}
		if err != nil {
			t.Fatal(err)
		}
		digests[service] = digest.String()
	}
	return p, out, registryAt, digests
}

func TestRollback(t *testing.T) {
	p, out, at, digests := deployedProject(t)
	if err := p.Rollback(t.Context(), "", "1.0", at, ""); err != nil {
		t.Fatal(err)
	}
	one, two := "one: "+at+"/one:1.0@"+digests["one"]+"\n", "two: "+at+"/two:1.0@"+digests["two"]+"\n"
	if got := p.read(t, deploy.ImagesFile); !strings.HasSuffix(got, "\n"+one+two) {
		t.Errorf("%s is\n%s", deploy.ImagesFile, got)
	}
	if !strings.Contains(out.String(), one+two) {
		t.Errorf("it says\n%s", out)
	}
	if got := p.read(t, "deploy/images/published/kustomization.yaml"); !strings.Contains(got, "newName: "+at+"/two\n  digest: "+digests["two"]+"\n") {
		t.Errorf("the images of the overlay are\n%s", got)
	}
	before := p.read(t, deploy.ImagesFile)
	for _, tt := range []struct{ services, tag, registry, want string }{
		{"", "", at, "rollback: the tag is missing; add -to=1.0"},
		{"", "1.0", "", "add `registry: registry.example.com/team` to project.yaml, or -registry="},
		{"one", "0.9", at, "has no " + at + "/one:0.9; `go tool mage publish` pushes it, or choose another tag"},
		{"three", "1.0", at, `"three"`},
		{"one", "1 0", at, "correct -to or -registry"},
	} {
		if err := p.Rollback(t.Context(), tt.services, tt.tag, tt.registry, ""); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: got %v", tt, err)
		}
	}
	if after := p.read(t, deploy.ImagesFile); after != before {
		t.Errorf("a rollback that failed wrote\n%s", after)
	}
}

// TestRollbackOfOne keeps what is deployed of others, and forgets services that are gone.
func TestRollbackOfOne(t *testing.T) {
	p, _, at, digests := deployedProject(t)
	p.write(t, deploy.ImagesFile, "gone: "+at+"/gone:0.9@"+digests["one"]+"\none: "+at+"/one:0.9@"+digests["two"]+"\ntwo: "+at+"/two:0.9@"+digests["one"]+"\n")
	if err := p.Rollback(t.Context(), "one", "1.0", at, ""); err != nil {
		t.Fatal(err)
	}
	if got, want := p.read(t, deploy.ImagesFile), "one: "+at+"/one:1.0@"+digests["one"]+"\ntwo: "+at+"/two:0.9@"+digests["one"]+"\n"; !strings.HasSuffix(got, "\n"+want) || strings.Contains(got, "gone") {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestRollbackIsAllOrNothing: one of the services has no such tag.
func TestRollbackIsAllOrNothing(t *testing.T) {
	p, _, at, _ := deployedProject(t)
	ref, err := name.NewTag(at + "/one:1.1")
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.WriteIndex(ref, empty.Index); err != nil {
		t.Fatal(err)
	}
	if err := p.Rollback(t.Context(), "", "1.1", at, ""); err == nil || !strings.Contains(err.Error(), "rollback two: ") {
		t.Errorf("got %v", err)
	}
	if images, err := deploy.Load(p.Root); err != nil || len(images) > 0 {
		t.Errorf("deployed: %v, %v", images, err)
	}
}

// TestRollbackVerifies: with a key, an image must be signed with it.
func TestRollbackVerifies(t *testing.T) {
	p, _, at, _ := deployedProject(t)
	private, public := keys(t)
	publishImage(t, at+"/one:1.2", nil)
	digest := publishImage(t, at+"/one:1.1", &private)
	_, other := keys(t)
	for _, tt := range []struct{ tag, key, want string }{
		{"1.2", public, "; choose another tag"},
		{"1.1", other, "; choose another tag"},
		{"1.1", public + ".gone", "rollback: read the public key: "},
		{"0.9", public, "verify " + at + "/one:0.9: "},
	} {
		if err := p.Rollback(t.Context(), "one", tt.tag, at, tt.key); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %s", tt.tag, err, tt.want)
		}
	}
	if images, err := deploy.Load(p.Root); err != nil || len(images) > 0 {
		t.Errorf("deployed: %v, %v", images, err)
	}
	if err := p.Rollback(t.Context(), "one", "1.1", at, public); err != nil {
		t.Fatal(err)
	}
	if images, err := deploy.Load(p.Root); err != nil || images["one"].Digest() != digest {
		t.Errorf("deployed: %v, %v, want %s", images, err, digest)
	}
}

// keys are a new private key, and the file of its public key.
func keys(t *testing.T) (private signing.PrivateKey, public string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	if private, err = signing.ParsePrivateKey(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), ""); err != nil {
		t.Fatal(err)
	}
	open, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	public = filepath.Join(t.TempDir(), "cosign.pub")
	if err := os.WriteFile(public, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: open}), 0o600); err != nil {
		t.Fatal(err)
	}
	return private, public
}

// publishImage publishes a small image, signed where there is a key, and returns its digest.
func publishImage(t *testing.T, ref string, key *signing.PrivateKey) string {
	t.Helper()
	tag, err := name.NewTag(ref)
	if err != nil {
		t.Fatal(err)
	}
	image := imagetest.Image(t, "amd64", v1.Config{User: "65532"}, imagetest.Layer(t, imagetest.File("app", "program")))
	index := mutate.AppendManifests(mutate.IndexMediaType(empty.Index, types.OCIImageIndex),
		mutate.IndexAddendum{Add: image, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: "amd64"}}})
	dir := t.TempDir()
	if _, err := layout.Write(dir, mutate.AppendManifests(empty.Index, mutate.IndexAddendum{Add: index})); err != nil {
		t.Fatal(err)
	}
	publisher := publish.Publisher{Compressor: publish.Compressor{Compression: publish.Gzip, Dir: t.TempDir()}, Key: key}
	published, err := publisher.Publish(t.Context(), []publish.Image{{Service: "one", Layout: dir, Tag: tag}})
	if err != nil {
		t.Fatal(err)
	}
	return published[0].Digest.DigestStr()
}

// TestPublishAgain: what publishing changes is not held against the next publication.
func TestPublishAgain(t *testing.T) {
	p, _, at, _ := deployedProject(t)
	if err := p.Render(); err != nil {
		t.Fatal(err)
	}
	p.git(t, "add", "--all")
	p.git(t, "commit", "--quiet", "--message=deploy")
	if err := p.Rollback(t.Context(), "", "1.0", at, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := p.commit(t.Context()); err != nil {
		t.Errorf("after a rollback: %v", err)
	}
	p.write(t, "services/one/main.c", "int main(void) { return 1; }\n")
	if _, err := p.commit(t.Context()); err == nil {
		t.Error("a change of a service passes")
	}
}
