package signing_test

import (
	"bytes"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"example.com/stagecraft/internal/signing"
)

// TestAttach attaches bundles to an image twice, in a registry with lists of referrers and in one without, and reads them.
func TestAttach(t *testing.T) {
	t.Parallel()
	for name, lists := range map[string]bool{"with lists of referrers": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			image, subject, pusher := pushed(t, registry.New(registry.WithReferrersSupport(lists), registry.Logger(log.New(io.Discard, "", 0))))
			for range 2 {
				attach(t, pusher, image, subject, "one")
				attach(t, pusher, image, subject, "two")
			}
			other := mutate.Annotations(mutate.Subject(artifact(t), subject).(v1.Image), map[string]string{"a": "b"}).(v1.Image)
			digest, err := other.Digest()
			if err != nil {
				t.Fatal(err)
			}
			if err := remote.Write(image.Context().Digest(digest.String()), other); err != nil {
				t.Fatal(err)
			}
			got, err := signing.Bundles(image)
			if err != nil || len(got) != 2 || !bytes.Contains(bytes.Join(got, nil), []byte("one")) || !bytes.Contains(bytes.Join(got, nil), []byte("two")) {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

// TestAttachAfterInterruption: a manifest that arrived without being listed is listed by the next run.
func TestAttachAfterInterruption(t *testing.T) {
	t.Parallel()
	var broken atomic.Bool
	blobs := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	image, subject, pusher := pushed(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if broken.Load() && r.Method == http.MethodPut && strings.Contains(r.URL.Path, "/manifests/sha256-") {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		blobs.ServeHTTP(w, r)
	}))
	broken.Store(true)
	r := signing.Referrer{Predicate: "p", Bundle: []byte("one")}
	if err := r.Attach(t.Context(), pusher, image.Context(), subject); err == nil {
		t.Fatal("no error")
	}
	broken.Store(false)
	attach(t, pusher, image, subject, "one")
	if got, err := signing.Bundles(image); err != nil || len(got) != 1 {
		t.Errorf("got %q, %v", got, err)
	}
}

// pushed is an image in a registry.
func pushed(t *testing.T, handler http.Handler) (name.Digest, v1.Descriptor, *remote.Pusher) {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	image := artifact(t)
	desc, err := partial.Descriptor(image)
	if err != nil {
		t.Fatal(err)
	}
	ref, err := name.NewDigest(strings.TrimPrefix(s.URL, "http://") + "/team/hello@" + desc.Digest.String())
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.Write(ref, image); err != nil {
		t.Fatal(err)
	}
	pusher, err := remote.NewPusher()
	if err != nil {
		t.Fatal(err)
	}
	return ref, *desc, pusher
}

func artifact(t *testing.T) v1.Image {
	t.Helper()
	image, err := random.Image(16, 1)
	if err != nil {
		t.Fatal(err)
	}
	return image
}

func attach(t *testing.T, pusher *remote.Pusher, image name.Digest, subject v1.Descriptor, bundle string) {
	t.Helper()
	if err := (signing.Referrer{Predicate: "p", Bundle: []byte(bundle)}).Attach(t.Context(), pusher, image.Context(), subject); err != nil {
		t.Fatal(err)
	}
}
