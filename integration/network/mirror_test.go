package network

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"example.com/stagecraft/internal/engine"
)

// debianName is the base of C services.
const debianName = "debian:trixie-slim"

// mirror is a registry that has one base: Debian as assembled here, with a layer that is new in every run, so that the
// engine has to fetch it and nothing built from it is in its cache.
type mirror struct {
	prefix   string
	digest   string
	pinned   string // the digest in our own templates
	breakOff atomic.Bool
	blobs    atomic.Int64
}

func startMirror(t *testing.T, r *repository) *mirror {
	t.Helper()
	m := &mirror{}
	whole := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		if request.Method == http.MethodGet && strings.Contains(request.URL.Path, "/blobs/") {
			m.blob(w, request, whole)
			return
		}
		whole.ServeHTTP(w, request)
	}))
	t.Cleanup(server.Close)
	m.prefix = strings.TrimPrefix(server.URL, "http://") + "/mirror"

	template, err := os.ReadFile(filepath.Join(r.root, "dockerfiles/c.Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(template), debianName+"@")
	m.pinned, _, _ = strings.Cut(rest, " ")
	var contexts map[string]string
	if err := engine.NewBare(r.root).Run(t.Context(), t.Output(), &contexts, "bases", debianName+"@"+m.pinned); err != nil {
		t.Skipf("no base to put into the registry: %v", err)
	}
	dir, _, _ := strings.Cut(strings.TrimPrefix(contexts[debianName+"@"+m.pinned], "oci-layout://"), "@")
	tag, err := name.ParseReference(m.prefix + "/" + debianName)
	if err != nil {
		t.Fatal(err)
	}
	index, err := unique(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.WriteIndex(tag, index); err != nil {
		t.Fatal(err)
	}
	digest, err := index.Digest()
	if err != nil {
		t.Fatal(err)
	}
	m.digest = digest.String()
	return m
}

// blob serves one, from where the engine wants it: an engine keeps what it got before a registry broke off.
func (m *mirror) blob(w http.ResponseWriter, request *http.Request, whole http.Handler) {
	m.blobs.Add(1)
	all := request.Clone(request.Context())
	all.Header.Del("Range")
	answer := httptest.NewRecorder()
	whole.ServeHTTP(answer, all)
	data := answer.Body.Bytes()
	w.Header().Set("Content-Type", "application/octet-stream")
	if m.breakOff.Load() {
		w.Header().Set("Content-Length", strconv.Itoa(len(data)))
		w.Write(data[:len(data)/2])
		http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	http.ServeContent(w, request, "", time.Time{}, bytes.NewReader(data))
}

// unique is the image in an OCI layout, for this machine's platform, with a layer that nobody has.
func unique(dir string) (v1.ImageIndex, error) {
	root, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		return nil, err
	}
	manifest, err := root.IndexManifest()
	if err != nil {
		return nil, err
	}
	if root, err = root.ImageIndex(manifest.Manifests[0].Digest); err != nil {
		return nil, err
	}
	if manifest, err = root.IndexManifest(); err != nil {
		return nil, err
	}
	for _, d := range manifest.Manifests {
		if d.Platform.Architecture != runtime.GOARCH {
			continue
		}
		image, err := root.Image(d.Digest)
		if err != nil {
			return nil, err
		}
		if image, err = mutate.AppendLayers(image, static.NewLayer(tarOf("etc/nonce", rand.Text()), types.OCIUncompressedLayer)); err != nil {
			return nil, err
		}
		return mutate.AppendManifests(mutate.IndexMediaType(empty.Index, types.OCIImageIndex),
			mutate.IndexAddendum{Add: image, Descriptor: v1.Descriptor{Platform: d.Platform}}), nil
	}
	return nil, fmt.Errorf("%s has no image for %s", dir, runtime.GOARCH)
}

// A service from a base that only a mirror registry has, with packages from a mirror of Debian, both in a private network.
func TestMirrors(t *testing.T) {
	service := fmt.Sprintf("private-c-%d", os.Getpid())
	l := enter(t, map[string]string{service: "hello-c"})
	m := startMirror(t, l.repository)
	l.settings["STAGECRAFT_REGISTRY"] = m.prefix
	l.edit(t, "dockerfiles/c.Dockerfile", m.pinned, m.digest)
	l.edit(t, "services/"+service+"/service.yaml", "/hello-c", "/"+service) // its Makefile names the program after the folder
	l.render(t)

	m.breakOff.Store(true)
	said, err := l.build(t, l.env(), service)
	if err == nil {
		t.Error("a base that breaks off is no failure")
	}
	if !strings.Contains(said, "EOF") || !strings.Contains(said, m.prefix+"/"+debianName) {
		t.Errorf("what broke off is not said:\n%s", last(said, 40))
	}
	m.breakOff.Store(false)

	// Debian's packages come over https from a mirror, and over http without one: each goes through the proxy.
	noPassword := []string{"HTTP_PROXY=http://" + l.at, "http_proxy=http://" + l.at}
	for _, tt := range []struct {
		env  []string
		says string
	}{
		{l.env("STAGECRAFT_CA", "SSL_CERT_FILE"), "certificate verify failed"},
		{append(l.env("STAGECRAFT_DEBIAN_MIRROR", "HTTP_PROXY", "http_proxy"), noPassword...), "Proxy Authentication Required"},
	} {
		if said, err = l.build(t, tt.env, service); err == nil {
			t.Errorf("what should say %q is built", tt.says)
		}
		for _, words := range []string{tt.says, "docs/private-networks.md"} {
			if !strings.Contains(said, words) {
				t.Errorf("nothing says %q:\n%s", words, last(said, 40))
			}
		}
		l.documented(t, tt.says)
	}

	if said, err = l.build(t, l.env(), service); err != nil {
		t.Fatalf("%v\n%s", err, last(said, 60))
	}
	if words := "bases: official images, by digest, from " + m.prefix; !strings.Contains(said, words) {
		t.Errorf("nothing says %q:\n%s", words, last(said, 20))
	}
	if m.blobs.Load() == 0 {
		t.Error("the mirror registry was not asked for the base")
	}
	if !l.proxy.asked("debian.private.example") || l.proxy.asked("deb.debian.org") {
		t.Errorf("the proxy was asked for %v, want Debian's mirror alone", l.proxy.hosts)
	}
	l.keepsSecrets(t, service, service)
	l.saysNothing(t, said)
}
