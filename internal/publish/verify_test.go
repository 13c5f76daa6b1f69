package publish_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"example.com/stagecraft/internal/attestation"
	"example.com/stagecraft/internal/image"
	"example.com/stagecraft/internal/image/imagetest"
	"example.com/stagecraft/internal/publish"
	"example.com/stagecraft/internal/signing"
)

func newKey(t *testing.T) (signing.PrivateKey, signing.PublicKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	content, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := signing.ParsePrivateKey(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: content}), "")
	if err != nil {
		t.Fatal(err)
	}
	public, err := private.Public()
	if err != nil {
		t.Fatal(err)
	}
	return private, public
}

// documents is an SBOM of each platform, and the provenance of all.
func documents(_ context.Context, index image.Index) ([]attestation.Statement, error) {
	var all []attestation.Statement
	of := func(predicate string, digest v1.Hash) error {
		s, err := attestation.New(predicate, map[string]string{"name": "hello"}, attestation.Resource{Digest: attestation.Digest(digest)})
		all = append(all, s)
		return err
	}
	errs := []error{of(attestation.Provenance, index.Digest())}
	for _, i := range index.Images() {
		errs = append(errs, of(attestation.SPDX, i.Digest()))
	}
	return all, errors.Join(errs...)
}

// signed is an image that is published to host as hello:TAG.
func signed(t *testing.T, host name.Registry, key signing.PrivateKey, tag, content string) publish.Image {
	t.Helper()
	image := imageOf(t, host, "hello", tag, layoutOf(t, "hello", imagetest.Layer(t, imagetest.File("app/data", content))))
	image.Statements = documents
	p := publisher(t, publish.Gzip)
	p.Key = &key
	if _, err := p.Publish(t.Context(), []publish.Image{image}); err != nil {
		t.Fatal(err)
	}
	return image
}

func indexOf(t *testing.T, ref name.Reference) v1.ImageIndex {
	t.Helper()
	index, err := remote.Index(ref)
	if err != nil {
		t.Fatal(err)
	}
	return index
}

// attach signs a statement about something, and attaches it to the image of a tag.
func attach(t *testing.T, to name.Tag, key signing.PrivateKey, s attestation.Statement) {
	t.Helper()
	bundle, err := key.Sign(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	subject, err := partial.Descriptor(indexOf(t, to))
	if err != nil {
		t.Fatal(err)
	}
	pusher, err := remote.NewPusher()
	if err != nil {
		t.Fatal(err)
	}
	if err := (signing.Referrer{Bundle: bundle}).Attach(t.Context(), pusher, to.Context(), *subject); err != nil {
		t.Fatal(err)
	}
}

func signature(t *testing.T, image v1.ImageIndex, name string) attestation.Statement {
	t.Helper()
	digest, err := image.Digest()
	if err != nil {
		t.Fatal(err)
	}
	s, err := signing.Signature(digest, name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestVerify publishes a signed image, changes what is in the registry, and reads what does not verify.
func TestVerify(t *testing.T) {
	t.Parallel()
	key, public := newKey(t)
	other, _ := newKey(t)
	for _, tt := range []struct {
		name   string
		change func(t *testing.T, host name.Registry, tag name.Tag) name.Reference // what is verified
		want   []string                                                            // the checks that fail, and why
	}{
		{"nothing", func(_ *testing.T, _ name.Registry, tag name.Tag) name.Reference { return tag }, nil},
		{"two names", func(t *testing.T, host name.Registry, tag name.Tag) name.Reference {
			signed(t, host, key, "latest", "1.0")
			return tag
		}, nil},
		{"a moved tag", func(t *testing.T, host name.Registry, tag name.Tag) name.Reference {
			newer := signed(t, host, key, "2.0", "2.0")
			if err := remote.Tag(tag, indexOf(t, newer.Tag)); err != nil {
				t.Fatal(err)
			}
			return tag
		}, []string{"signature: the image was signed as hello:2.0, not as hello:1.0: the tag was moved"}},
		{"the same by digest", func(t *testing.T, host name.Registry, _ name.Tag) name.Reference {
			newer := signed(t, host, key, "2.0", "2.0")
			digest, err := indexOf(t, newer.Tag).Digest()
			if err != nil {
				t.Fatal(err)
			}
			return newer.Tag.Digest(digest.String())
		}, nil},
		{"another key", func(t *testing.T, host name.Registry, _ name.Tag) name.Reference {
			return signed(t, host, other, "2.0", "2.0").Tag
		}, []string{
			"signature: there is none by this key",
			attestation.SPDX + " for linux/amd64: there is none by this key",
			attestation.Provenance + " for linux/amd64: there is none by this key",
			attestation.SPDX + " for linux/arm64: there is none by this key",
			attestation.Provenance + " for linux/arm64: there is none by this key",
		}},
		{"a further key", func(t *testing.T, _ name.Registry, tag name.Tag) name.Reference {
			attach(t, tag, other, signature(t, indexOf(t, tag), "hello:1.0"))
			return tag
		}, nil},
		{"a copied signature", func(t *testing.T, host name.Registry, tag name.Tag) name.Reference {
			newer := signed(t, host, key, "2.0", "2.0")
			attach(t, tag, key, signature(t, indexOf(t, newer.Tag), "hello:1.0"))
			return tag
		}, []string{signing.SignatureType + ": it is about another image, from which it was copied"}},
		{"an old form of statement", func(t *testing.T, _ name.Registry, tag name.Tag) name.Reference {
			s := signature(t, indexOf(t, tag), "hello:1.0")
			s.Type = "https://in-toto.io/Statement/v0.1"
			attach(t, tag, key, s)
			return tag
		}, []string{"a statement: it is a https://in-toto.io/Statement/v0.1, not a https://in-toto.io/Statement/v1"}},
		{"one platform removed", func(t *testing.T, _ name.Registry, tag name.Tag) name.Reference {
			smaller := mutate.RemoveManifests(indexOf(t, tag), func(desc v1.Descriptor) bool { return desc.Platform.Architecture == "arm64" })
			if err := remote.WriteIndex(tag, smaller); err != nil {
				t.Fatal(err)
			}
			return tag
		}, []string{"signature: there is none by this key", attestation.Provenance + " for linux/amd64: there is none by this key"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			host := server(t, nil)
			ref := tt.change(t, host, signed(t, host, key, "1.0", "1.0").Tag)
			digest, checks, err := publish.Verifier{Key: public, Required: []string{attestation.SPDX, attestation.Provenance}}.Verify(t.Context(), ref)
			if err != nil {
				t.Fatal(err)
			}
			var got, good []string
			for _, c := range checks {
				switch {
				case c.Problem != nil:
					got = append(got, c.What+": "+c.Problem.Error())
				case !c.Skipped:
					good = append(good, c.What)
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("failed are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
			if !slices.Contains(good, "layers for linux/amd64") {
				t.Errorf("verified are only %q", good)
			}
			if want, err := indexOf(t, ref).Digest(); err != nil || want.String() != digest.DigestStr() {
				t.Errorf("%s was verified, not %s, %v", digest, want, err)
			}
		})
	}
}

// TestVerifyNothing: what is not there, or is not an image of ours, is an error in one line.
func TestVerifyNothing(t *testing.T) {
	t.Parallel()
	host := server(t, nil)
	_, public := newKey(t)
	single := host.Repo("team", "single").Tag("1.0")
	if err := remote.Write(single, imagetest.Image(t, "amd64", v1.Config{}, base(t))); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		ref  name.Tag
		want string
	}{
		{host.Repo("team", "none").Tag("1.0"), "HOST answers 404 Not Found"},
		{single, "it is a application/vnd.oci.image.manifest.v1+json, not an index of platforms"},
	} {
		_, _, err := publish.Verifier{Key: public}.Verify(t.Context(), tt.ref)
		if want := strings.ReplaceAll(tt.want, "HOST", host.String()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// TestSignatureComesBeforeTag: whoever pulls a tag finds what is signed, also when the registry refuses it.
func TestSignatureComesBeforeTag(t *testing.T) {
	t.Parallel()
	var works atomic.Bool
	host := server(t, func(w http.ResponseWriter, r *http.Request) bool {
		if works.Load() || r.Method != http.MethodPut || !strings.Contains(r.URL.Path, "/manifests/sha256-") {
			return false // the list of referrers, as this registry keeps none
		}
		w.WriteHeader(http.StatusForbidden)
		return true
	})
	key, public := newKey(t)
	image := imageOf(t, host, "hello", "1.0", layoutOf(t, "hello"))
	p := publisher(t, publish.Gzip)
	p.Key = &key
	_, err := p.Publish(t.Context(), []publish.Image{image})
	if err == nil || !strings.Contains(err.Error(), "publish hello: attach what is signed to "+host.String()+"/team/hello@sha256:") {
		t.Errorf("got %v", err)
	}
	if _, err := remote.Head(image.Tag); err == nil {
		t.Error("the tag is there")
	}
	works.Store(true)
	if _, err := p.Publish(t.Context(), []publish.Image{image}); err != nil {
		t.Fatal(err)
	}
	if _, checks, err := (publish.Verifier{Key: public}).Verify(t.Context(), image.Tag); err != nil || checks[0].Problem != nil {
		t.Errorf("the run after: %v, %v", checks, err)
	}
}

// TestStatementsAreAboutTheImage: one that is about something else is not attached.
func TestStatementsAreAboutTheImage(t *testing.T) {
	t.Parallel()
	key, _ := newKey(t)
	hello := imageOf(t, server(t, nil), "hello", "1.0", layoutOf(t, "hello"))
	hello.Statements = func(context.Context, image.Index) ([]attestation.Statement, error) {
		other, _, err := v1.SHA256(strings.NewReader("other"))
		if err != nil {
			return nil, err
		}
		s, err := attestation.New(attestation.SPDX, "x", attestation.Resource{Digest: attestation.Digest(other)})
		return []attestation.Statement{s}, err
	}
	p := publisher(t, publish.Gzip)
	p.Key = &key
	if _, err := p.Publish(t.Context(), []publish.Image{hello}); err == nil || !strings.Contains(err.Error(), "which is not this image") {
		t.Errorf("got %v", err)
	}
}
