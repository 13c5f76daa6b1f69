package project

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"example.com/stagecraft/internal/attestation"
	"example.com/stagecraft/internal/image"
	"example.com/stagecraft/internal/image/imagetest"
	"example.com/stagecraft/internal/publish"
)

// keyFiles are a private and a public key.
func keyFiles(t *testing.T) (private, public string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(file, kind string, content []byte, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, file)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	content, err := x509.MarshalECPrivateKey(key)
	private = write("cosign.key", "EC PRIVATE KEY", content, err)
	content, err = x509.MarshalPKIXPublicKey(&key.PublicKey)
	return private, write("cosign.pub", "PUBLIC KEY", content, err)
}

func TestSigningKey(t *testing.T) {
	private, public := keyFiles(t)
	text, err := os.ReadFile(private)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, file, setting string
		found               bool
		want                string // words of the error
	}{
		{"neither", "", "", false, ""},
		{"a file", private, "", true, ""},
		{"the environment", "", string(text), true, ""},
		{"a file rather than the environment", private, "x", true, ""},
		{"the name of a file in the environment", "", private, false, "read the signing key in STAGECRAFT_SIGNING_KEY: it is not a key in PEM"},
		{"no such file", filepath.Join(t.TempDir(), "cosign.key"), "", false, "correct -key"},
		{"the public key", public, "", false, "it is a PUBLIC KEY, not a private key"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv(keySetting, tt.setting)
			key, err := signingKey(tt.file)
			if (key != nil) != tt.found {
				t.Errorf("a key was found: %v", key != nil)
			}
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), string(text)) {
				t.Error("the error has the key")
			}
		})
	}
}

// spaces align columns.
var spaces = regexp.MustCompile(` +`)

// TestPublishVerify reads what a person sees of a good image, and of one that another key signed.
func TestPublishVerify(t *testing.T) {
	t.Parallel()
	private, public := keyFiles(t)
	_, other := keyFiles(t)
	s := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	defer s.Close()
	tag, err := name.NewTag(strings.TrimPrefix(s.URL, "http://")+"/team/hello:1.0", name.StrictValidation)
	if err != nil {
		t.Fatal(err)
	}
	key, err := signingKey(private)
	if err != nil {
		t.Fatal(err)
	}
	idx := mutate.AppendManifests(mutate.IndexMediaType(empty.Index, types.OCIImageIndex), mutate.IndexAddendum{
		Add:        imagetest.Image(t, "amd64", v1.Config{}, imagetest.Layer(t, imagetest.File("app/hello", "hello"))),
		Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: "amd64"}},
	})
	dir := t.TempDir()
	if _, err := layout.Write(dir, mutate.AppendManifests(empty.Index, mutate.IndexAddendum{Add: idx})); err != nil {
		t.Fatal(err)
	}
	publisher := publish.Publisher{Compressor: publish.Compressor{Compression: publish.Gzip, Dir: t.TempDir()}, Key: key}
	documents := func(_ context.Context, idx image.Index) ([]attestation.Statement, error) {
		subject := attestation.Resource{Digest: attestation.Digest(idx.Digest())}
		inventory, err := attestation.New(attestation.SPDX, map[string]string{}, subject)
		origin, err2 := attestation.New(attestation.Provenance, map[string]string{}, subject)
		return []attestation.Statement{inventory, origin}, errors.Join(err, err2)
	}
	published, err := publisher.Publish(t.Context(), []publish.Image{{Service: "hello", Layout: dir, Tag: tag, Statements: documents}})
	if err != nil {
		t.Fatal(err)
	}
	digest := published[0].Digest.String()
	for _, tt := range []struct{ name, image, key, out, err string }{
		{
			"good", tag.String(), public,
			"verified signature as hello:1.0\nverified https://slsa.dev/provenance/v1\nverified https://spdx.dev/Document\nverified layers for linux/amd64 1\n" +
				digest + " is what was published; run it by this digest\n", "",
		},
		{
			"another key", digest, other,
			"failed signature there is none by this key\nskipped statements signed by other keys 3\n" +
				"failed https://spdx.dev/Document for linux/amd64 there is none by this key\n" +
				"failed https://slsa.dev/provenance/v1 for linux/amd64 there is none by this key\nverified layers for linux/amd64 1\n",
			"publish:verify: " + digest + " is not what was published; do not run it",
		},
		{"no image", "", public, "", "publish:verify: which image, and with which key? -image=registry.example.com/team/hello-go:1.0 -key=cosign.pub"},
		{"no key", tag.String(), "", "", "publish:verify: which image, and with which key? -image=registry.example.com/team/hello-go:1.0 -key=cosign.pub"},
		{"no tag", "hello", public, "", "correct -image"},
		{"no such file", tag.String(), "none.pub", "", "correct -key"},
		{"the private key", tag.String(), private, "", "it is not a public key in PEM"},
	} {
		var out bytes.Buffer
		err := Project{Out: &out}.PublishVerify(t.Context(), tt.image, tt.key, false)
		if got := spaces.ReplaceAllString(out.String(), " "); strings.ReplaceAll(got, " \n", "\n") != tt.out {
			t.Errorf("%s: got\n%swant\n%s", tt.name, got, tt.out)
		}
		if (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.err)
		}
	}
}
