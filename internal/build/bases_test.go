package build

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// fault answers in place of a registry, or not.
type fault func(w http.ResponseWriter, r *http.Request) bool

// faultyRegistry is a real registry that has mirror/debian:trixie-slim.
type faultyRegistry struct {
	host, ref string // ref: as a FROM line has it
	requests  atomic.Int64
}

func startRegistry(t *testing.T, fault fault) *faultyRegistry {
	t.Helper()
	r := &faultyRegistry{}
	whole := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	var pushed atomic.Bool
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		r.requests.Add(1)
		if !pushed.Load() || fault == nil || !fault(w, request) {
			whole.ServeHTTP(w, request)
		}
	}))
	t.Cleanup(server.Close)
	r.host = strings.TrimPrefix(server.URL, "http://")
	index, err := random.Index(1, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	tag, err := name.ParseReference(r.host + "/mirror/debian:trixie-slim")
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
	r.ref = "debian:trixie-slim@" + digest.String()
	pushed.Store(true)
	r.requests.Store(0)
	return r
}

func status(code int, headers ...string) fault {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(code)
		return true
	}
}

func hang(_ http.ResponseWriter, r *http.Request) bool {
	<-r.Context().Done()
	return true
}

func otherDigest(w http.ResponseWriter, _ *http.Request) bool {
	w.Header().Set("Content-Type", "application/vnd.oci.image.index.v1+json")
	w.Header().Set("Content-Length", "2")
	w.Header().Set("Docker-Content-Digest", "sha256:"+digits)
	return true
}

func hangUp(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) }

// fakeBare writes a bare/ whose stand-ins are made at once.
func fakeBare(t *testing.T) (root string) {
	t.Helper()
	root = t.TempDir()
	fakeBareIn(t, root)
	return root
}

func fakeBareIn(t *testing.T, root string) {
	t.Helper()
	write(t, root, "bare/go.mod", "module fake\n\ngo 1.26\n")
	write(t, root, "bare/main.go", "package main\n\nimport (\n\t\"fmt\"\n\t\"os\"\n)\n\n"+
		"func main() {\n\tfmt.Fprintln(os.Stderr, \"bare\", os.Args[1:])\n\tfmt.Printf(\"{%q: %q}\\n\", os.Args[len(os.Args)-1], \"oci-layout:///standin@sha256:1\")\n}\n")
}

// A registry that does not answer is replaced by stand-ins, with the reason in one line. What a registry answers is for a
// person to read, with the setting that gives stand-ins all the same. Where there is no bare/ to make them, both are errors.
func TestFaultyRegistries(t *testing.T) {
	usual := registryPatience
	t.Cleanup(func() { registryPatience = usual })
	root, without := fakeBare(t), t.TempDir()
	t.Setenv("DOCKER_CONFIG", t.TempDir())
	for name, tt := range map[string]struct {
		answer  fault
		says    string // HOST and REF are the registry's
		standIn bool
	}{
		"hangs":           {hang, "HOST does not answer within 300ms", true},
		"hangs up":        {hangUp, "HOST cannot be reached", true},
		"is rate-limited": {status(http.StatusTooManyRequests, "Retry-After", "3600"), "HOST answers 429 to a request for REF (too many requests)", false},
		"wants a login": {
			status(http.StatusUnauthorized, "WWW-Authenticate", `Basic realm="private"`),
			"HOST answers 401 to a request for REF (`docker login HOST` may help)", false,
		},
		"forbids":          {status(http.StatusForbidden), "HOST answers 403 to a request for REF (`docker login HOST` may help)", false},
		"lacks the digest": {status(http.StatusNotFound), "HOST answers 404 to a request for REF (not found)", false},
		"is broken":        {status(http.StatusInternalServerError), "HOST answers 500 to a request for REF (internal server error)", false},
		"is out of reach":  {status(http.StatusBadGateway), "a gateway on the way to HOST does not reach it", true},
		"is too far":       {status(http.StatusGatewayTimeout), "a gateway on the way to HOST does not reach it", true},
		"has another digest": {
			otherDigest, `HOST gives no usable answer to a request for REF: manifest digest: "sha256:` + digits + `" does not match requested digest: "DIGEST" for "REF"`, false,
		},
		"is none": {
			status(http.StatusOK), "HOST gives no usable answer to a request for REF: HEAD http://HOST/v2/mirror/debian/manifests/DIGEST: response did not include Content-Type header", false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			registryPatience = time.Minute // as a busy machine may need to pass on an answer
			if name == "hangs" {
				registryPatience = 300 * time.Millisecond
			}
			r := startRegistry(t, tt.answer)
			t.Setenv(BasesSetting, "auto")
			t.Setenv(RegistrySetting, r.host+"/mirror/")
			_, digest, _ := strings.Cut(r.ref, "@")
			says := strings.NewReplacer("HOST", r.host, "REF", r.host+"/mirror/"+r.ref, "DIGEST", digest).Replace(tt.says)
			bases, err := chooseBases(t.Context(), root, []string{r.ref}, t.Output())
			switch {
			case !tt.standIn:
				if want := "look for the base images: " + says + "; STAGECRAFT_BASES=standin builds from stand-ins anyway"; err == nil || err.Error() != want {
					t.Errorf("bases are %+v, %v, want the error %s", bases, err, want)
				}
			case err != nil || !bases.StandIn || bases.Contexts[r.ref] != "oci-layout:///standin@sha256:1":
				t.Fatalf("bases are %+v, %v, want a stand-in for %s", bases, err, r.ref)
			default:
				if want := "stand-ins, made from package registries, because " + says + "; STAGECRAFT_BASES=official insists on the real ones"; bases.Why != want {
					t.Errorf("it says %q, want %q", bases.Why, want)
				}
			}
			want := "look for the base images: " + says
			if tt.standIn {
				want += "; name a mirror in STAGECRAFT_REGISTRY, or a proxy in HTTPS_PROXY"
			}
			if _, err = chooseBases(t.Context(), without, []string{r.ref}, t.Output()); err == nil || err.Error() != want {
				t.Errorf("without bare/ it says %v, want %s", err, want)
			}
			// Who insists gets the engine's own answer.
			t.Setenv(BasesSetting, "official")
			var progress strings.Builder
			if bases, err = chooseBases(t.Context(), root, []string{r.ref}, &progress); err != nil || bases.StandIn {
				t.Errorf("insisting gives %+v, %v, want official images", bases, err)
			}
			if want := "stagecraft: note: " + says + "; the engine is asked anyway, because STAGECRAFT_BASES=official\n"; progress.String() != want {
				t.Errorf("insisting says %q, want %q", &progress, want)
			}
		})
	}
}

// An interception is no answer of the registry's while nobody trusts it; with its authority, it is.
func TestInterceptedRegistry(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	// Not by its address: a registry on this machine is asked without TLS too.
	trusting, ok := server.Client().Transport.(*http.Transport)
	if !ok {
		t.Fatalf("the client's transport is a %T", server.Client().Transport)
	}
	trusting.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, server.Listener.Addr().String())
	}
	doubting := trusting.Clone()
	doubting.TLSClientConfig = nil
	use(t, doubting)
	const ref = "example.com/debian:1"
	if err := reachable(t.Context(), []string{ref}, ""); !errors.As(err, new(unreachableError)) || !strings.Contains(err.Error(), "has a certificate of an authority that this system does not trust") {
		t.Errorf("without its authority: %v", err)
	}
	use(t, trusting)
	if err := reachable(t.Context(), []string{ref}, ""); errors.As(err, new(unreachableError)) || err == nil || !strings.Contains(err.Error(), "answers 404") {
		t.Errorf("with its authority: %v", err)
	}
}

// use makes requests to registries go by a transport.
func use(t *testing.T, via http.RoundTripper) {
	t.Helper()
	before := remote.DefaultTransport
	remote.DefaultTransport = via
	t.Cleanup(func() { remote.DefaultTransport = before })
}

func TestProxyInFrontOfRegistry(t *testing.T) {
	for code, silent := range map[int]bool{http.StatusForbidden: true, http.StatusBadGateway: true, http.StatusProxyAuthRequired: false} {
		proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }))
		t.Cleanup(proxy.Close)
		address, err := url.Parse(proxy.URL)
		if err != nil {
			t.Fatal(err)
		}
		use(t, &http.Transport{Proxy: http.ProxyURL(address)})
		err = reachable(t.Context(), []string{"debian:1"}, "")
		if err == nil || errors.As(err, new(unreachableError)) != silent {
			t.Errorf("a proxy that answers %d: %v", code, err)
		}
		if !silent && !strings.Contains(err.Error(), "put user and password into HTTPS_PROXY") {
			t.Errorf("a proxy that answers %d: %v, want to know where its password goes", code, err)
		}
	}
}

// Whatever comes first: a registry that refuses a base is not hidden by another one that is silent.
func TestAnswerCountsMoreThanSilence(t *testing.T) {
	r := startRegistry(t, status(http.StatusNotFound))
	for _, silent := range []string{"127.0.0.1:1/debian:1", "registry.invalid/debian:1"} {
		if err := reachable(t.Context(), []string{silent}, ""); !errors.As(err, new(unreachableError)) {
			t.Errorf("%s alone: %v", silent, err)
		}
		if err := reachable(t.Context(), []string{silent, r.host + "/mirror/" + r.ref}, ""); err == nil || !strings.Contains(err.Error(), "answers 404") {
			t.Errorf("%s and one that lacks the base: %v", silent, err)
		}
	}
}

// That one registry has a base says nothing of another base.
func TestEveryBaseCounts(t *testing.T) {
	good := startRegistry(t, nil)
	bad := startRegistry(t, func(w http.ResponseWriter, r *http.Request) bool {
		for good.requests.Load() == 0 {
			time.Sleep(time.Millisecond)
		}
		time.Sleep(50 * time.Millisecond) // the good answer most likely comes first
		return status(http.StatusNotFound)(w, r)
	})
	err := reachable(t.Context(), []string{good.host + "/mirror/" + good.ref, bad.host + "/mirror/" + bad.ref}, "")
	if err == nil || !strings.Contains(err.Error(), "answers 404") {
		t.Errorf("a base is missing: %v", err)
	}
}

// FROM may name another image for each platform, and so may an argument that the name has.
func TestBasesOfAllPlatforms(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	write(t, root, "Dockerfile", "ARG SUFFIX=-${TARGETARCH}\nFROM --platform=$BUILDPLATFORM base:1-$BUILDARCH AS build\nFROM library:1$SUFFIX\nFROM stage-$TARGETARCH\n")
	got, err := refsOf(root, "Dockerfile")
	if want := []string{"base:1-amd64", "library:1-amd64", "library:1-arm64", "stage-amd64", "stage-arm64"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("bases are %v, %v, want %v", got, err, want)
	}
}

func TestChooseBases(t *testing.T) {
	root := fakeBare(t)
	r := startRegistry(t, nil)
	mirror := map[string]string{r.ref: "docker-image://" + r.host + "/mirror/" + r.ref}
	standIn := map[string]string{r.ref: "oci-layout:///standin@sha256:1"}
	tests := map[string]struct {
		setting, registry, ref string
		contexts               map[string]string
		why                    string
		silent                 bool // the registry is not asked
	}{
		"auto":             {"", r.host + "/mirror", r.ref, mirror, "official images, by digest, from " + r.host + "/mirror", false},
		"official":         {"official", r.host + "/mirror", r.ref, mirror, "official images, by digest, from " + r.host + "/mirror", false},
		"standin":          {"standin", r.host + "/mirror", r.ref, standIn, "stand-ins, made from package registries, because STAGECRAFT_BASES=standin", true},
		"without a mirror": {"auto", "", r.host + "/mirror/" + r.ref, nil, "official images, by digest", false},
		"nobody listens":   {"auto", "127.0.0.1:1/m", r.ref, standIn, "because 127.0.0.1:1 cannot be reached", true},
	}
	for what, tt := range tests {
		t.Run(what, func(t *testing.T) {
			t.Setenv(BasesSetting, tt.setting)
			t.Setenv(RegistrySetting, tt.registry)
			before := r.requests.Load()
			var progress strings.Builder
			bases, err := chooseBases(t.Context(), root, []string{tt.ref}, &progress)
			if err != nil {
				t.Fatal(err)
			}
			if !maps.Equal(bases.Contexts, tt.contexts) || !strings.Contains(bases.Why, tt.why) || !bases.StandIn && bases.Why != tt.why {
				t.Errorf("bases are %+v, want %v because %q", bases, tt.contexts, tt.why)
			}
			if !bases.StandIn && progress.Len() > 0 {
				t.Errorf("it says %q, and nothing is wrong", &progress)
			}
			if asked := r.requests.Load() > before; asked == tt.silent {
				t.Errorf("the registry was asked: %v", asked)
			}
		})
	}
	t.Setenv(BasesSetting, "genuine")
	if _, err := chooseBases(t.Context(), root, []string{r.ref}, t.Output()); err == nil || !strings.Contains(err.Error(), `"genuine" is not a choice; use auto, official or standin`) {
		t.Errorf("a misspelt choice is %v", err)
	}
}

// Who ran `docker login` gets the official images of a registry that wants one.
func TestLoggedIn(t *testing.T) {
	r := startRegistry(t, func(w http.ResponseWriter, request *http.Request) bool {
		user, password, _ := request.BasicAuth()
		return (user != "me" || password != "secret") && status(http.StatusUnauthorized, "WWW-Authenticate", `Basic realm="private"`)(w, request)
	})
	config, err := json.Marshal(map[string]any{"auths": map[string]any{r.host: map[string]string{"username": "me", "password": "secret"}}})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write(t, dir, "config.json", string(config))
	t.Setenv("DOCKER_CONFIG", dir)
	t.Setenv(BasesSetting, "auto")
	t.Setenv(RegistrySetting, r.host+"/mirror")
	bases, err := chooseBases(t.Context(), t.TempDir(), []string{r.ref}, t.Output())
	if err != nil || bases.StandIn {
		t.Errorf("bases are %+v, %v, want official ones", bases, err)
	}
}

// A layout that was built from stand-ins may not name the images that these stand for.
func TestClaims(t *testing.T) {
	t.Parallel()
	const ref = "debian:trixie-slim@sha256:" + digits
	const clean = `{"schemaVersion": 2, "annotations": {"org.opencontainers.image.title": "hello"}, "config": {"Labels": {"a": "b"}}, "history": [{"comment": "COPY"}]}`
	tests := map[string]struct {
		blob, says string
	}{
		"nothing claimed":       {clean, ""},
		"a layer":               {"\x28\xb5\x2f\xfd " + ref, ""},
		"an uncompressed layer": {"debian:trixie-slim\x00", ""},
		"an honest label":       {`{"config": {"Labels": {"org.opencontainers.image.title": "stand-in for debian:trixie-slim"}}}`, ""},
		"a build's argument":    {`{"args": {"context:` + ref + `": "oci-layout:///debian:trixie-slim"}}`, ""},
		"annotation": {
			`{"annotations": {"org.opencontainers.image.base.name": "docker.io/library/debian:trixie-slim"}}`,
			"org.opencontainers.image.base.name=docker.io/library/debian:trixie-slim",
		},
		"annotation of another base": {`{"manifests": [{"annotations": {"org.opencontainers.image.base.digest": "sha256:1"}}]}`, "base.digest=sha256:1"},
		"label":                      {`{"config": {"Labels": {"built-on": "debian:trixie-slim"}}}`, `built-on="debian:trixie-slim"`},
		"history":                    {`{"history": [{"created_by": "COPY"}, {"created_by": "FROM ` + ref + `"}]}`, "created_by="},
		"provenance": {
			`{"predicate": {"materials": [{"uri": "pkg:docker/debian@trixie-slim", "digest": {"sha256": "` + digits + `"}}]}}`,
			"sha256=",
		},
	}
	for what, tt := range tests {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			write(t, dir, "index.json", clean)
			write(t, dir, "blobs/sha256/1", tt.blob)
			bases := Bases{Refs: []string{ref}, StandIn: true}
			err := bases.checkClaims(dir)
			if tt.says == "" {
				if err != nil {
					t.Errorf("it is rejected: %v", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.says) || !strings.Contains(err.Error(), "built from stand-ins") {
				t.Errorf("error is %v, want one about %q", err, tt.says)
			}
			bases.StandIn = false
			if err := bases.checkClaims(dir); err != nil {
				t.Errorf("with official images it is rejected too: %v", err)
			}
		})
	}
}

// The same with a layout as a build would export it.
func TestClaimsOfALayout(t *testing.T) {
	t.Parallel()
	index, err := random.Index(1000, 2, 2)
	if err != nil {
		t.Fatal(err)
	}
	bases := Bases{Refs: []string{"debian:trixie-slim@sha256:" + digits}, StandIn: true}
	honest, claiming := filepath.Join(t.TempDir(), "honest"), filepath.Join(t.TempDir(), "claiming")
	if _, err := layout.Write(honest, index); err != nil {
		t.Fatal(err)
	}
	if err := bases.checkClaims(honest); err != nil {
		t.Errorf("an honest layout is rejected: %v", err)
	}
	claim := map[string]string{"org.opencontainers.image.base.digest": "sha256:" + digits}
	if _, err := layout.Write(claiming, mutate.Annotations(index, claim).(v1.ImageIndex)); err != nil {
		t.Fatal(err)
	}
	err = bases.checkClaims(claiming)
	if err == nil || !strings.HasSuffix(err.Error(), "says org.opencontainers.image.base.digest=sha256:"+digits+": remove that, or build with STAGECRAFT_BASES=official") {
		t.Errorf("an official base's annotation is %v, want an error that quotes it", err)
	}
}

func TestMirrored(t *testing.T) {
	t.Parallel()
	for ref, want := range map[string]string{
		"golang:1.26@sha256:" + digits:              "registry.example.com/m/golang:1.26@sha256:" + digits,
		"docker.io/library/debian:trixie-slim":      "registry.example.com/m/debian:trixie-slim",
		"grafana/grafana:1":                         "grafana/grafana:1",
		"ghcr.io/library/debian:trixie-slim":        "ghcr.io/library/debian:trixie-slim",
		"gcr.io/distroless/static@sha256:" + digits: "gcr.io/distroless/static@sha256:" + digits,
	} {
		if got := mirrored(ref, "registry.example.com/m"); got != want {
			t.Errorf("mirrored(%s) = %s, want %s", ref, got, want)
		}
	}
}
