package run

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
	tclog "github.com/testcontainers/testcontainers-go/log"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/engine"
)

// Runner starts containers on one engine for one checkout of the repository.
type Runner struct {
	api      client.APIClient
	provider *testcontainers.DockerProvider
	native   catalog.Platform
	owner    owner
}

// New makes containers on the given engine. They are labelled as belonging to the checkout at root.
//
// It changes this process's environment, since testcontainers-go reads its settings from there alone: the engine's address,
// and no reaper. The reaper is an image to be pulled, which may be out of reach; Sweep does its work.
func New(ctx context.Context, e *engine.Engine, root string) (*Runner, error) {
	for _, change := range append(e.Changes(), "TESTCONTAINERS_RYUK_DISABLED=true") {
		var err error
		if name, value, sets := strings.Cut(change, "="); sets {
			err = os.Setenv(name, value)
		} else {
			err = os.Unsetenv(name)
		}
		if err != nil {
			return nil, fmt.Errorf("handing the engine to testcontainers-go: %w", err)
		}
	}
	native, err := e.Native(ctx)
	if err != nil {
		return nil, err
	}
	owner, err := ownerOf(root)
	if err != nil {
		return nil, err
	}
	quiet := tclog.NewNoopLogger()
	tclog.SetDefault(quiet)
	provider, err := testcontainers.NewDockerProvider(
		testcontainers.Generic2DockerOptions(testcontainers.WithLogger(quiet))...)
	if err != nil {
		return nil, fmt.Errorf("handing the engine at %s to testcontainers-go: %w", e.Host, err)
	}
	provider.SetClient(neverPull{e.Client()})
	return &Runner{
		api:      e.Client(),
		provider: provider,
		native:   native,
		owner:    owner,
	}, nil
}

// API is the engine's own interface, for proofs that look at a container from outside.
func (r *Runner) API() client.APIClient { return r.api }

// Native is the engine's own platform. Another is emulated.
func (r *Runner) Native() catalog.Platform { return r.native }

// Labels mark what belongs to this process and its checkout, so that Sweep finds it: containers, and images made for a test.
func (r *Runner) Labels() map[string]string { return r.owner.labels() }

// neverPull is an engine that cannot pull: what is tested was built here, and an image of the same name from a registry
// would be tested in its place.
type neverPull struct{ client.APIClient }

// ImagePull refuses.
func (neverPull) ImagePull(_ context.Context, ref string, _ client.ImagePullOptions) (client.ImagePullResponse, error) {
	return nil, fmt.Errorf("image %s is not in the engine for this platform, and nothing is pulled here: run `go tool mage build`", ref)
}

// Close does nothing: testcontainers-go closes its client after each call, and this one is shared.
func (neverPull) Close() error { return nil }
