package build

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/dockerfile"
	"example.com/stagecraft/internal/engine"
)

// Settings of the base images.
const (
	// BasesSetting chooses them: auto (or unset), official or standin.
	BasesSetting = "STAGECRAFT_BASES"
	// RegistrySetting is a mirror prefix that replaces docker.io/library: registry.example.com/mirror.
	RegistrySetting = "STAGECRAFT_REGISTRY"
)

// otherwise ends the line about stand-ins that nobody asked for.
const otherwise = "; " + BasesSetting + "=official insists on the real ones"

// registryPatience is how long a registry may take to answer before stand-ins are used instead; tests have less.
var registryPatience = 4 * time.Second

// Bases are the images that Dockerfiles build from, and where each comes from.
type Bases struct {
	Refs     []string          // as the FROM lines have them
	Contexts map[string]string // reference → what BuildKit takes instead; empty when the registry named by Refs serves them
	StandIn  bool
	Why      string // one line for people
}

// refsOf lists the bases of Dockerfiles on all platforms, each once, sorted. Files are relative to root, with forward slashes.
func refsOf(root string, files ...string) ([]string, error) {
	var refs []string
	for _, file := range files {
		data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(file)))
		if err != nil {
			return nil, fmt.Errorf("read a Dockerfile: %w", err)
		}
		bases, err := dockerfile.BasesFor(file, data, catalog.Platforms)
		if err != nil {
			return nil, err
		}
		for _, b := range bases {
			refs = append(refs, b.Ref)
		}
	}
	slices.Sort(refs)
	return slices.Compact(refs), nil
}

// chooseBases decides where refs come from: once, quickly, and in one line. flags are of `bare bases`, which assembles
// stand-ins.
func chooseBases(ctx context.Context, root string, refs []string, progress io.Writer, flags ...string) (Bases, error) {
	bases := Bases{Refs: refs}
	mirror := strings.TrimSuffix(os.Getenv(RegistrySetting), "/")
	setting := os.Getenv(BasesSetting)
	switch setting {
	case "", "auto":
		err := reachable(ctx, refs, mirror)
		if err == nil {
			break
		}
		bare := engine.NewBare(root).Exists()
		if !errors.As(err, new(unreachableError)) {
			if bare {
				err = fmt.Errorf("%w; %s=standin builds from stand-ins anyway", err, BasesSetting)
			}
			return Bases{}, fmt.Errorf("look for the base images: %w", err)
		}
		if !bare {
			return Bases{}, fmt.Errorf("look for the base images: %w; name a mirror in %s, or a proxy in HTTPS_PROXY", err, RegistrySetting)
		}
		bases.Why = fmt.Sprintf("stand-ins, made from package registries, because %v%s", err, otherwise)
		if failed := bases.standIn(ctx, root, progress, flags); failed != nil {
			return Bases{}, fmt.Errorf("%w; stand-ins were tried because %w", failed, err)
		}
		return bases, nil
	case "official":
		// The engine may have the images, or reach what this process does not: its own answer counts, but it takes its time.
		if err := reachable(ctx, refs, mirror); err != nil {
			fmt.Fprintf(progress, "stagecraft: note: %v; the engine is asked anyway, because %s=official\n", err, BasesSetting)
		}
	case "standin":
		bases.Why = fmt.Sprintf("stand-ins, made from package registries, because %s=standin", BasesSetting)
		err := bases.standIn(ctx, root, progress, flags)
		return bases, err
	default:
		return Bases{}, fmt.Errorf("choose base images: %s=%q is not a choice; use auto, official or standin", BasesSetting, setting)
	}
	if mirror == "" {
		bases.Why = "official images, by digest"
		return bases, nil
	}
	bases.Why = "official images, by digest, from " + mirror
	bases.Contexts = map[string]string{}
	for _, ref := range refs {
		if m := mirrored(ref, mirror); m != ref {
			bases.Contexts[ref] = "docker-image://" + m
		}
	}
	return bases, nil
}

func (b *Bases) standIn(ctx context.Context, root string, progress io.Writer, flags []string) error {
	b.StandIn = true
	return engine.NewBare(root).Run(ctx, progress, &b.Contexts, slices.Concat([]string{"bases"}, flags, b.Refs)...)
}

// standIns are the digests of what stands in for bases, by their references.
func (b Bases) standIns() map[string]string {
	digests := map[string]string{}
	for ref, where := range b.Contexts {
		if b.StandIn {
			_, digests[ref], _ = strings.Cut(where, "@")
		}
	}
	return digests
}

// Mirrored is a base as the mirror has it that the environment names; the reference itself when it names none.
func Mirrored(ref string) string {
	if mirror := strings.TrimSuffix(os.Getenv(RegistrySetting), "/"); mirror != "" {
		return mirrored(ref, mirror)
	}
	return ref
}

// mirrored is ref with its registry replaced. Only Docker's official images (docker.io/library) are: other references
// name a registry on purpose.
func mirrored(ref, mirror string) string {
	parsed, err := name.ParseReference(ref)
	if err != nil || parsed.Context().RegistryStr() != name.DefaultRegistry {
		return ref
	}
	repo, ok := strings.CutPrefix(parsed.Context().RepositoryStr(), "library/")
	if !ok {
		return ref
	}
	_, version, _ := strings.Cut(ref[strings.LastIndex(ref, "/")+1:], repo)
	return mirror + "/" + repo + version
}

// unreachableError is of a registry that gave no answer, or none that is trusted: only then are stand-ins used unasked.
type unreachableError string

func (e unreachableError) Error() string { return string(e) }

// reachable is an error unless the registries have all refs. It asks for all at once. An answer of one registry counts more
// than another's silence.
func reachable(ctx context.Context, refs []string, mirror string) error {
	ctx, cancel := context.WithTimeout(ctx, registryPatience)
	defer cancel()
	via := remote.DefaultTransport.(*http.Transport).Clone() //nolint:errcheck,forcetypeassert // the library makes it so
	via.OnProxyConnectResponse = refusedByProxy
	defer via.CloseIdleConnections()
	results := make(chan error, len(refs))
	for _, ref := range refs {
		go func() { results <- has(ctx, via, ref, mirror) }()
	}
	var silence error
	for range refs {
		err := <-results
		if err == nil {
			continue
		}
		if !errors.As(err, new(unreachableError)) {
			return err
		}
		silence = err
	}
	return silence
}

// errProxyPassword is of a proxy that wants a password: that is for a person to solve.
var errProxyPassword = errors.New("Proxy Authentication Required: put user and password into HTTPS_PROXY, see docs/private-networks.md") //nolint:staticcheck // as the standard has the status

// refusedByProxy makes a proxy that lets nobody through to a registry a failed connection, as a firewall's would be.
func refusedByProxy(_ context.Context, _ *url.URL, _ *http.Request, answer *http.Response) error {
	switch answer.StatusCode {
	case http.StatusOK:
		return nil
	case http.StatusProxyAuthRequired:
		return errProxyPassword
	}
	return &net.OpError{Op: "proxyconnect", Net: "tcp", Err: errors.New(answer.Status)}
}

func has(ctx context.Context, via http.RoundTripper, ref, mirror string) error {
	if mirror != "" {
		ref = mirrored(ref, mirror)
	}
	parsed, err := name.ParseReference(ref)
	if err != nil {
		return fmt.Errorf("%q is not an image reference: %w", ref, err)
	}
	// A registry that says "later" is not waited for. Who logged in is known, as to the engine's own pull.
	once := remote.WithRetryBackoff(remote.Backoff{Steps: 1})
	_, err = remote.Head(parsed, remote.WithContext(ctx), remote.WithTransport(via), remote.WithAuthFromKeychain(authn.DefaultKeychain), once, remote.WithRetryStatusCodes())
	if err == nil {
		return nil
	}
	return refused(ref, parsed.Context().RegistryStr(), err)
}

// refused says in one line why a registry does not have ref.
func refused(ref, registry string, err error) error {
	var status *transport.Error
	var failed *net.OpError
	switch {
	case errors.As(err, new(x509.UnknownAuthorityError)): // before what a second try without TLS came to
		return unreachableError(registry + " has a certificate of an authority that this system does not trust")
	case errors.As(err, &status) && (status.StatusCode == http.StatusUnauthorized || status.StatusCode == http.StatusForbidden):
		return fmt.Errorf("%s answers %d to a request for %s (`docker login %[1]s` may help)", registry, status.StatusCode, ref)
	case errors.As(err, &status) && (status.StatusCode == http.StatusBadGateway || status.StatusCode == http.StatusGatewayTimeout):
		return unreachableError("a gateway on the way to " + registry + " does not reach it")
	case errors.As(err, &status):
		return fmt.Errorf("%s answers %d to a request for %s (%s)", registry, status.StatusCode, ref, strings.ToLower(http.StatusText(status.StatusCode)))
	case errors.Is(err, context.DeadlineExceeded):
		return unreachableError(fmt.Sprintf("%s does not answer within %v", registry, registryPatience))
	case errors.As(err, &failed), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return unreachableError(registry + " cannot be reached")
	default:
		return fmt.Errorf("%s gives no usable answer to a request for %s: %w", registry, ref, err)
	}
}
