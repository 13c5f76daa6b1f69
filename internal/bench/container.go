package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"example.com/stagecraft/internal/catalog"
)

const (
	startWithin  = time.Minute
	removeWithin = time.Minute
)

// running is a container that is measured.
type running struct {
	api    *client.Client
	id     string
	addr   string
	toward time.Duration // from the command to start it to its first answer
}

// start starts an image under the service's limits and waits for its first answer. processor is the only one that it gets;
// empty: any. A container can be reached without a proxy in between only where the engine runs on this machine's own kernel.
func start(ctx context.Context, api *client.Client, c contestant, service catalog.Service, processor string) (_ *running, err error) {
	env := maps.Clone(service.Environment)
	if env == nil {
		env = map[string]string{}
	}
	maps.Copy(env, c.env)
	env["PORT"] = strconv.Itoa(service.Port)
	var list []string
	for _, name := range slices.Sorted(maps.Keys(env)) {
		list = append(list, name+"="+env[name])
	}
	host := &container.HostConfig{
		ReadonlyRootfs: true,
		CapDrop:        []string{"ALL"},
		SecurityOpt:    []string{"no-new-privileges"},
		// What is made to run anywhere wants a place to write.
		Tmpfs: map[string]string{"/tmp": "mode=1777"},
		// The engine still reads the lines, on any processor, but keeps none: the same for a service and its peer.
		LogConfig: container.LogConfig{Type: "none"},
		Resources: container.Resources{
			CpusetCpus: processor,
			Memory:     int64(service.Run.Memory),
			MemorySwap: int64(service.Run.Memory),
		},
	}
	name := "stagecraft-bench-" + service.Name
	created, err := api.ContainerCreate(ctx, client.ContainerCreateOptions{
		Name: name, Config: &container.Config{Image: c.image, Env: list}, HostConfig: host,
	})
	if errdefs.IsConflict(err) {
		return nil, fmt.Errorf("create the container %s: there is one already; if no other bench runs: docker rm -f %[1]s", name)
	}
	if err != nil {
		return nil, fmt.Errorf("create a container of %s: %w", c.image, err)
	}
	r := &running{api: api, id: created.ID}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.remove(ctx))
		}
	}()
	begin := time.Now()
	if _, err := api.ContainerStart(ctx, r.id, client.ContainerStartOptions{}); err != nil {
		return nil, fmt.Errorf("start a container of %s: %w", c.image, err)
	}
	seen, err := api.ContainerInspect(ctx, r.id, client.ContainerInspectOptions{})
	if err != nil {
		return nil, fmt.Errorf("find the address of a container of %s: %w", c.image, err)
	}
	for _, network := range seen.Container.NetworkSettings.Networks {
		if network.IPAddress.IsValid() {
			r.addr = netip.AddrPortFrom(network.IPAddress, uint16(service.Port)).String()
		}
	}
	if err := r.firstAnswer(ctx); err != nil {
		return nil, fmt.Errorf("%s: %w", c.image, err)
	}
	r.toward = time.Since(begin)
	return r, nil
}

// firstAnswer waits until the service greets, or has ended.
func (r *running) firstAnswer(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startWithin)
	defer cancel()
	ended := r.api.ContainerWait(ctx, r.id, client.ContainerWaitOptions{Condition: container.WaitConditionNotRunning})
	// Short, and tried again: what is sent before the address is known on the network is lost, and repeated ever more seldom.
	dialer := &net.Dialer{Timeout: 500 * time.Millisecond}
	asker := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: dialer.DialContext}, Timeout: startWithin / 10}
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+r.addr+"/", http.NoBody)
		if err != nil {
			return err
		}
		answer, err := asker.Do(request)
		if err == nil {
			_ = answer.Body.Close() // only its coming counts
			if answer.StatusCode == http.StatusOK {
				return nil
			}
			err = fmt.Errorf("GET / is answered with %d", answer.StatusCode)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("no first answer at %s within %s: %w; containers must be reachable by their own addresses, as on Linux", r.addr, startWithin, err)
		case end := <-ended.Result:
			return fmt.Errorf("it ended with %d before its first answer; docker run it to see what it writes", end.StatusCode)
		case <-time.After(time.Millisecond):
		}
	}
}

// usage is what a container has of the machine.
type usage struct {
	memory    uint64        // anonymous: what nothing else shares, and the kernel cannot drop
	processor time.Duration // since its start
}

func (r *running) usage(ctx context.Context) (usage, error) {
	answer, err := r.api.ContainerStats(ctx, r.id, client.ContainerStatsOptions{})
	if err != nil {
		return usage{}, fmt.Errorf("ask the engine what a container uses: %w", err)
	}
	defer answer.Body.Close()
	var stats container.StatsResponse
	if err := json.NewDecoder(answer.Body).Decode(&stats); err != nil {
		return usage{}, fmt.Errorf("ask the engine what a container uses: %w", err)
	}
	spent := time.Duration(stats.CPUStats.CPUUsage.TotalUsage)
	return usage{memory: anonymous(stats.MemoryStats.Stats), processor: spent}, nil
}

// anonymous is the anonymous memory in the kernel's statistics of control groups, version 2 or 1.
func anonymous(stats map[string]uint64) uint64 {
	for _, key := range []string{"anon", "total_rss", "rss"} {
		if bytes, ok := stats[key]; ok {
			return bytes
		}
	}
	return 0
}

// remove ends the container, also when ctx has ended.
func (r *running) remove(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), removeWithin)
	defer cancel()
	_, err := r.api.ContainerRemove(ctx, r.id, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
	if err != nil && !errdefs.IsNotFound(err) {
		return fmt.Errorf("remove container %.12s: %w", r.id, err)
	}
	return nil
}
