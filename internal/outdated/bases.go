package outdated

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// Bases are base images: a package is a reference with a tag, a version the digest that it is pinned to. where tells which
// reference to ask for, which is another one where there is a mirror.
func Bases(where func(ref string) string) Ecosystem {
	return Ecosystem{
		Name: "base images",
		Compare: func(has, latest string) Kind {
			if has == latest {
				return ""
			}
			return Patch // the tag says what else stays the same
		},
		Latest: func(ctx context.Context, names []string) (map[string]Versions, error) {
			return each(ctx, names, func(ctx context.Context, ref string) (Versions, error) {
				digest, err := digestOf(ctx, where(ref))
				return Versions{Latest: digest}, err
			})
		},
	}
}

func digestOf(ctx context.Context, ref string) (string, error) {
	parsed, err := name.NewTag(ref)
	if err != nil {
		return "", fmt.Errorf("%q is not a tag of an image: %w", ref, err)
	}
	ctx, cancel := context.WithTimeout(ctx, perRequest)
	defer cancel()
	once := remote.WithRetryBackoff(remote.Backoff{Steps: 1})
	desc, err := remote.Head(parsed, remote.WithContext(ctx), remote.WithAuthFromKeychain(authn.DefaultKeychain), once)
	var status *transport.Error
	switch {
	case err == nil:
		return desc.Digest.String(), nil
	case errors.As(err, &status) && status.StatusCode == http.StatusNotFound:
		return "", errNone
	case errors.As(err, &status):
		return "", fmt.Errorf("%s answers %d to a request for %s", parsed.RegistryStr(), status.StatusCode, ref)
	case errors.Is(err, context.DeadlineExceeded):
		return "", fmt.Errorf("%s does not answer within %v", parsed.RegistryStr(), perRequest)
	default:
		return "", fmt.Errorf("%s cannot be reached", parsed.RegistryStr())
	}
}

// Pinned is a base as a FROM line has it, as a package; false when it is not pinned, or has no tag that could move.
func Pinned(service, ref string) (Package, bool) {
	tagged, digest, ok := strings.Cut(ref, "@")
	if !ok || !strings.Contains(tagged[strings.LastIndex(tagged, "/")+1:], ":") {
		return Package{}, false
	}
	return Package{Service: service, Ecosystem: "base images", Name: tagged, Has: digest}, true
}
