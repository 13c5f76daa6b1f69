package run

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"time"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
)

// removeWithin bounds the clean-up, which happens also after the caller's context has ended.
const removeWithin = time.Minute

// Container is a service's container under the runtime contract.
type Container struct {
	Spec
	runner    *Runner
	container testcontainers.Container
	started   time.Time
	published netip.AddrPort
	direct    netip.AddrPort
}

// Start starts the image of spec and waits until it is ready. A container that does not get ready is removed; the error then
// holds its last log lines.
func (r *Runner) Start(ctx context.Context, spec Spec) (*Container, error) {
	c, err := r.Launch(ctx, spec)
	if err != nil {
		return nil, err
	}
	if err := c.Ready(ctx); err != nil {
		return nil, errors.Join(err, c.Remove(ctx))
	}
	return c, nil
}

// Launch starts the image of spec and does not wait for anything.
func (r *Runner) Launch(ctx context.Context, spec Spec) (*Container, error) {
	spec.emulated = spec.Platform != r.native
	image, err := r.api.ImageInspect(ctx, spec.Image())
	if errdefs.IsNotFound(err) {
		return nil, fmt.Errorf("image %s is not in the engine: run `go tool mage build -services=%s`", spec.Image(), spec.Service.Name)
	}
	if err != nil {
		return nil, fmt.Errorf("looking at image %s: %w", spec.Image(), err)
	}
	if err := checkImage(spec.Image(), image.Config); err != nil {
		return nil, err
	}
	created, err := r.provider.CreateContainer(ctx, testcontainers.ContainerRequest{
		Image:              spec.Image(),
		ImagePlatform:      string(spec.Platform),
		Env:                spec.environment(),
		Labels:             r.owner.labels(),
		ExposedPorts:       []string{spec.port().String()},
		ConfigModifier:     func(config *container.Config) { config.Healthcheck = spec.probe() },
		HostConfigModifier: func(host *container.HostConfig) { spec.Contract(host) },
	})
	if err != nil {
		return nil, fmt.Errorf("creating a container of %s: %w", spec, err)
	}
	c := &Container{Spec: spec, runner: r, container: created}
	if err := c.Restart(ctx); err != nil {
		return nil, errors.Join(err, c.Remove(ctx))
	}
	return c, nil
}

// Restart starts the container once more after it has ended. Its addresses may change.
func (c *Container) Restart(ctx context.Context) error {
	if err := c.container.Start(ctx); err != nil {
		return fmt.Errorf("starting %s: %w", c.Spec, err)
	}
	seen, err := c.Inspect(ctx)
	if err != nil {
		return err
	}
	if c.started, err = time.Parse(time.RFC3339Nano, seen.State.StartedAt); err != nil {
		return fmt.Errorf("reading when %s started: %w", c.Spec, err)
	}
	c.published, c.direct = addresses(seen, c.port().Num(), c.published)
	return nil
}

// addresses are where a container's port is published and where the container itself listens. A container that has ended
// already has none; it keeps what it had.
func addresses(seen *container.InspectResponse, port uint16, before netip.AddrPort) (published, direct netip.AddrPort) {
	published = before
	if seen.NetworkSettings == nil {
		return published, direct
	}
	for exposed, bindings := range seen.NetworkSettings.Ports {
		if exposed.Num() != port || len(bindings) == 0 {
			continue
		}
		if number, err := strconv.ParseUint(bindings[0].HostPort, 10, 16); err == nil {
			published = netip.AddrPortFrom(bindings[0].HostIP, uint16(number))
		}
	}
	for _, network := range seen.NetworkSettings.Networks {
		if network.IPAddress.IsValid() {
			direct = netip.AddrPortFrom(network.IPAddress, port)
		}
	}
	return published, direct
}

// ID is the engine's name for the container.
func (c *Container) ID() string { return c.container.GetContainerID() }

// URL is where the service is published on this machine's loopback interface, without a slash at the end.
func (c *Container) URL() string { return "http://" + c.published.String() }

// Direct is the service's own address on the engine's network. This process can reach it on Linux, and not where containers
// live in a virtual machine. A published port may be served by a proxy that accepts connections which the service would have
// refused; only this address shows what the service itself accepts.
func (c *Container) Direct() netip.AddrPort { return c.direct }

// Inspect is what the engine knows of the container.
func (c *Container) Inspect(ctx context.Context) (*container.InspectResponse, error) {
	seen, err := c.container.Inspect(ctx)
	if err != nil {
		return nil, fmt.Errorf("looking at the container of %s: %w", c.Spec, err)
	}
	return seen, nil
}

// Remove ends the container, if it still runs, and removes it; also when ctx has ended.
func (c *Container) Remove(ctx context.Context) error {
	return c.runner.remove(ctx, c.ID())
}

func (r *Runner) remove(ctx context.Context, id string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), removeWithin)
	defer cancel()
	_, err := r.api.ContainerRemove(ctx, id, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
	if err != nil && !errdefs.IsNotFound(err) {
		return fmt.Errorf("removing container %.12s: %w", id, err)
	}
	return nil
}
