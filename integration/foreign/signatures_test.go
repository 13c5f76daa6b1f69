package foreign

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"example.com/stagecraft/internal/attestation"
	"example.com/stagecraft/internal/image"
	"example.com/stagecraft/internal/image/imagetest"
	"example.com/stagecraft/internal/publish"
	"example.com/stagecraft/internal/signing"
)

// keys are a key and its public half, also as files.
type keys struct {
	private                 signing.PrivateKey
	public                  signing.PublicKey
	privateFile, publicFile string
}

// newKeys makes keys as people do.
func newKeys(t *testing.T) keys {
	t.Helper()
	prefix := filepath.Join(t.TempDir(), "cosign")
	must(t, program(t, "cosign"), "generate-key-pair", "--output-key-prefix="+prefix)
	k := keys{privateFile: prefix + ".key", publicFile: prefix + ".pub"}
	text, err := os.ReadFile(k.privateFile)
	mustNot(t, err)
	k.private, err = signing.ParsePrivateKey(text, password)
	mustNot(t, err)
	k.public, err = k.private.Public()
	mustNot(t, err)
	return k
}

// verdict is what cosign and this repository say about an image; nil is good.
type verdict struct{ signature, inventory, ours error }

// judge verifies an image with cosign in two ways, and with ours.
func judge(t *testing.T, cosign string, k keys, ref name.Tag) verdict {
	t.Helper()
	common := []string{"--key=" + k.publicFile, "--insecure-ignore-tlog", "--allow-http-registry"}
	var v verdict
	_, v.signature = run(t, cosign, append(append([]string{"verify"}, common...), "-a", "org.opencontainers.image.ref.name="+called(ref), ref.String())...)
	own := ref.Digest(first(t, ref).Digest.String())
	_, v.inventory = run(t, cosign, append(append([]string{"verify-attestation", "--type=spdxjson"}, common...), own.String())...)
	v.ours = verify(t, publish.Verifier{Key: k.public, Required: []string{attestation.SPDX}}, ref)
	return v
}

// first is the image of a tag for its first platform, which has an inventory of its own.
func first(t *testing.T, tag name.Tag) v1.Descriptor {
	t.Helper()
	there, err := remote.Index(tag)
	mustNot(t, err)
	manifest, err := there.IndexManifest()
	mustNot(t, err)
	return manifest.Manifests[0]
}

// verify is the first problem with an image that ours finds.
func verify(t *testing.T, v publish.Verifier, ref name.Tag) error {
	t.Helper()
	_, checks, err := v.Verify(t.Context(), ref)
	mustNot(t, err)
	for _, c := range checks {
		if c.Problem != nil {
			return c.Problem
		}
	}
	return nil
}

// TestPublishedImages publishes a signed image to both kinds of registry; cosign and crane confirm each claim.
func TestPublishedImages(t *testing.T) {
	t.Parallel()
	cosign, crane := program(t, "cosign"), program(t, "crane")
	for kind, start := range registries {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			k, tag := newKeys(t), start(t).Repo("team", "hello").Tag("1.0")
			for range 2 { // the second time finds everything there
				published := publishTo(t, k, tag, "hello")
				if got := strings.TrimSpace(must(t, crane, "digest", "--insecure", tag.String())); got != published.DigestStr() {
					t.Errorf("crane finds the digest %s, published was %s", got, published.DigestStr())
				}
			}
			t.Log(must(t, crane, "validate", "--insecure", "--remote", tag.String()))
			if v := judge(t, cosign, k, tag); v != (verdict{}) {
				t.Errorf("%+v", v)
			}
			bundles, err := signing.Bundles(tag.Digest(strings.TrimSpace(must(t, crane, "digest", "--insecure", tag.String()))))
			if err != nil || len(bundles) != 2 {
				t.Errorf("%d bundles are attached, not a signature and a provenance: %v", len(bundles), err)
			}
		})
	}
}

// TestSignedByCosign: what cosign signs, ours verifies.
func TestSignedByCosign(t *testing.T) {
	t.Parallel()
	k, tag := newKeys(t), referring(t).Repo("team", "hello").Tag("1.0")
	push(t, tag, index(t, "hello"))
	must(t, program(t, "cosign"), "sign", "--key="+k.privateFile, "--use-signing-config=false", "--tlog-upload=false", "--allow-http-registry", "--yes",
		"-a", "org.opencontainers.image.ref.name=hello:1.0", tag.String())
	if err := verify(t, publish.Verifier{Key: k.public}, tag); err != nil {
		t.Error(err)
	}
}

// TestRefused provokes what signatures protect against: cosign refuses it, and so does ours.
func TestRefused(t *testing.T) {
	t.Parallel()
	cosign := program(t, "cosign")
	registry := referring(t)
	k, other := newKeys(t), newKeys(t)
	for _, tt := range []struct {
		name      string
		prepare   func(t *testing.T, tag name.Tag)
		signature string // words of cosign verify; empty: it verifies
		inventory string // words of cosign verify-attestation
		ours      string
	}{
		{"changed-layer", func(t *testing.T, tag name.Tag) {
			publishTo(t, k, tag, "hello")
			push(t, tag, index(t, "changed"))
		}, "no signatures found", "no matching attestations", "there is none by this key"},
		{"changed-inventory", func(t *testing.T, tag name.Tag) {
			subject := push(t, tag, index(t, "hello"))
			attach(t, tag, subject, sign(t, k, signatureOf(t, tag, subject.Digest)))
			own := first(t, tag)
			var b map[string]any
			mustNot(t, json.Unmarshal(sign(t, k, inventoryOf(t, own.Digest)), &b))
			other := inventoryOf(t, own.Digest)
			other.Predicate = json.RawMessage(`{"spdxVersion":"SPDX-2.3","name":"nothing to see"}`)
			changed, err := json.Marshal(other)
			mustNot(t, err)
			b["dsseEnvelope"].(map[string]any)["payload"] = base64.StdEncoding.EncodeToString(changed)
			content, err := json.Marshal(b)
			mustNot(t, err)
			attach(t, tag, own, content)
		}, "", "could not verify envelope", signing.ErrChanged.Error()},
		{"another-key", func(t *testing.T, tag name.Tag) {
			publishTo(t, other, tag, "hello")
		}, "could not verify envelope", "could not verify envelope", "there is none by this key"},
		{"moved-tag", func(t *testing.T, tag name.Tag) {
			publishTo(t, k, tag, "hello")
			newer := publishTo(t, k, tag.Tag("2.0"), "newer")
			there, err := remote.Index(newer)
			mustNot(t, err)
			mustNot(t, remote.Tag(tag, there))
		}, "missing or incorrect annotation", "", "the tag was moved"},
		{"copied-signature", func(t *testing.T, tag name.Tag) {
			signed := tag.Tag("signed")
			from, err := v1.NewHash(publishTo(t, k, signed, "signed").DigestStr())
			mustNot(t, err)
			attach(t, tag, push(t, tag, index(t, "evil")), sign(t, k, signatureOf(t, tag, from)))
			attach(t, tag, first(t, tag), sign(t, k, inventoryOf(t, first(t, signed).Digest)))
		}, "provided artifact digest does not match any digest in statement", "provided artifact digest does not match any digest in statement", "there is none by this key"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tag := registry.Repo("team", tt.name).Tag("1.0")
			tt.prepare(t, tag)
			v := judge(t, cosign, k, tag)
			refused(t, "cosign verify", v.signature, tt.signature)
			refused(t, "cosign verify-attestation", v.inventory, tt.inventory)
			refused(t, "publish:verify", v.ours, tt.ours)
		})
	}
}

// TestDamagedBlob changes a layer on the disk of a registry. Only who reads layers can find that.
func TestDamagedBlob(t *testing.T) {
	t.Parallel()
	crane := program(t, "crane")
	host, dir := distribution(t)
	k, tag := newKeys(t), host.Repo("team", "hello").Tag("1.0")
	publishTo(t, k, tag, "hello")
	child, err := remote.Image(tag.Digest(first(t, tag).Digest.String()))
	mustNot(t, err)
	layers, err := child.Layers()
	mustNot(t, err)
	digest, err := layers[0].Digest()
	mustNot(t, err)
	blob := filepath.Join(dir, "docker/registry/v2/blobs/sha256", digest.Hex[:2], digest.Hex, "data")
	content, err := os.ReadFile(blob)
	mustNot(t, err)
	content[len(content)-1] ^= 1
	mustNot(t, os.WriteFile(blob, content, 0o600))
	_, err = run(t, crane, "validate", "--insecure", "--remote", tag.String())
	refused(t, "crane validate", err, "gzip: invalid checksum")
	refused(t, "publish:verify", verify(t, publish.Verifier{Key: k.public}, tag), "gzip: invalid checksum")
}

// refused checks that words are in an error; without words, that there is none.
func refused(t *testing.T, who string, err error, words string) {
	t.Helper()
	switch {
	case words == "" && err != nil:
		t.Errorf("%s refuses: %v", who, err)
	case words != "" && err == nil:
		t.Errorf("%s accepts", who)
	case words != "" && !strings.Contains(err.Error(), words):
		t.Errorf("%s refuses with %q, which lacks %q", who, err, words)
	case words != "":
		t.Logf("%s: %s", who, lastLine(err))
	}
}

func lastLine(err error) string {
	lines := strings.Split(strings.TrimSpace(err.Error()), "\n")
	return lines[len(lines)-1]
}

// index is an image for two platforms.
func index(t *testing.T, program string) v1.ImageIndex {
	t.Helper()
	all := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, arch := range []string{"amd64", "arm64"} {
		layer := imagetest.Layer(t, imagetest.File("app/server", strings.Repeat(arch+" "+program, 1000)))
		image := imagetest.Image(t, arch, v1.Config{User: "65532"}, layer)
		all = mutate.AppendManifests(all, mutate.IndexAddendum{Add: image, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: arch}}})
	}
	return all
}

// publishTo publishes a signed image with an inventory.
func publishTo(t *testing.T, k keys, tag name.Tag, program string) name.Digest {
	t.Helper()
	dir := t.TempDir()
	_, err := layout.Write(dir, mutate.AppendManifests(empty.Index, mutate.IndexAddendum{Add: index(t, program)}))
	mustNot(t, err)
	publisher := publish.Publisher{Compressor: publish.Compressor{Compression: publish.Gzip, Dir: t.TempDir()}, Key: &k.private}
	published, err := publisher.Publish(t.Context(), []publish.Image{{
		Service: program, Layout: dir, Tag: tag,
		Annotations: map[string]string{"org.opencontainers.image.created": "2026-11-28T12:00:00Z"},
		Statements: func(_ context.Context, index image.Index) ([]attestation.Statement, error) {
			origin, err := attestation.New(attestation.Provenance, map[string]any{"buildDefinition": map[string]any{}}, attestation.Resource{Digest: attestation.Digest(index.Digest())})
			all := []attestation.Statement{origin}
			for _, i := range index.Images() {
				all = append(all, inventoryOf(t, i.Digest()))
			}
			return all, err
		},
	}})
	mustNot(t, err)
	return published[0].Digest
}

// push is an image that is published without a signature.
func push(t *testing.T, tag name.Tag, index v1.ImageIndex) v1.Descriptor {
	t.Helper()
	mustNot(t, remote.WriteIndex(tag, index))
	desc, err := partial.Descriptor(index)
	mustNot(t, err)
	return *desc
}

func attach(t *testing.T, tag name.Tag, subject v1.Descriptor, bundle []byte) {
	t.Helper()
	pusher, err := remote.NewPusher()
	mustNot(t, err)
	mustNot(t, signing.Referrer{Predicate: "x", Bundle: bundle}.Attach(t.Context(), pusher, tag.Context(), subject))
}

func sign(t *testing.T, k keys, s attestation.Statement) []byte {
	t.Helper()
	bundle, err := k.private.Sign(t.Context(), s)
	mustNot(t, err)
	return bundle
}

func inventoryOf(t *testing.T, image v1.Hash) attestation.Statement {
	t.Helper()
	s, err := attestation.New(attestation.SPDX, map[string]string{"spdxVersion": "SPDX-2.3", "name": "hello"}, attestation.Resource{Digest: attestation.Digest(image)})
	mustNot(t, err)
	return s
}

func signatureOf(t *testing.T, tag name.Tag, image v1.Hash) attestation.Statement {
	t.Helper()
	s, err := signing.Signature(image, called(tag))
	mustNot(t, err)
	return s
}

// called is the name of an image in its signature.
func called(tag name.Tag) string { return path.Base(tag.RepositoryStr()) + ":" + tag.TagStr() }

func mustNot(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}
