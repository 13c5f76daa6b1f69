package bench

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/moby/moby/client"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/httpcheck"
	"example.com/stagecraft/internal/httpload"
)

const (
	// rounds is how often each is measured, in turn with the others; the medians are reported.
	rounds = 3
	// idleFor is how long a service is left alone before its memory is looked at.
	idleFor = time.Second
	// connections are few, so that a latency is the answer's and not the queue's.
	connections = 16
)

var pace = httpload.Setting{Connections: connections, Warmup: time.Second, Duration: 3 * time.Second}

// jobsLabel is how a peer's image says which of the service's checks it answers.
const jobsLabel = "jobs"

// accessLog is the variable with which a peer writes a line for each request.
const accessLog = "ACCESS_LOG"

// Duel is a service, its image and the image of a plain program of the same job.
type Duel struct {
	Service     catalog.Service
	Image, Peer string
}

// contestant is one side of a duel.
type contestant struct {
	name  string
	image string
	env   map[string]string
	rival int // index of the peer that does the same work; its own index for a peer
}

// contestants do the same work in pairs: with a line for each request and without.
func (d Duel) contestants() []contestant {
	return []contestant{
		{"as shipped", d.Image, nil, 1},
		{"logging peer", d.Peer, map[string]string{accessLog: "1"}, 1},
		{"without request log", d.Image, map[string]string{"LOG_LEVEL": "warn"}, 3},
		{"bare peer", d.Peer, nil, 3},
	}
}

// sample is what one round found of a contestant.
type sample struct {
	start  time.Duration
	memory uint64
	jobs   map[string]speed
	alive  map[string]speed // how the live path is answered next to a job that costs time
}

// speed is how a job was answered.
type speed struct {
	perSecond  float64
	p50, p99   time.Duration
	perAnswer  time.Duration // processor time of the service
	serverBusy float64       // part of one processor
	clientBusy float64       // part of the processors of the load
}

// Services runs the duels, each for some rounds, and is their tables. say reports progress.
func Services(ctx context.Context, api *client.Client, duels []Duel, say func(format string, args ...any)) (Report, error) {
	processor, undo, note, err := share()
	if err != nil {
		return Report{}, err
	}
	report := Report{Note: note}
	for _, d := range duels {
		jobs, err := d.jobs(ctx, api)
		if err != nil {
			return Report{}, errors.Join(err, undo())
		}
		all := d.contestants()
		samples := make([][]sample, len(all))
		for round := range rounds {
			say("%s: round %d of %d", d.Service.Name, round+1, rounds)
			for turn := range all {
				i := (turn + round) % len(all) // nobody is always the first
				s, err := measure(ctx, api, all[i], d.Service, jobs, processor)
				if err != nil {
					return Report{}, errors.Join(fmt.Errorf("measure %s, %s: %w", d.Service.Name, all[i].name, err), undo())
				}
				samples[i] = append(samples[i], s)
			}
		}
		report.add(d.Service, all, jobs, samples)
	}
	return report, undo()
}

// share gives the last processor to the services and the others to the load, where there are several and this system can.
func share() (processor string, undo func() error, note string, err error) {
	undo = func() error { return nil }
	all, err := httpload.Processors()
	if err != nil {
		return "", undo, "", err
	}
	if len(all) < 2 {
		return "", undo, "One processor for server and load together: what one takes, the other lacks.", nil
	}
	last := len(all) - 1
	confined, err := httpload.Confine(all[:last])
	if err != nil {
		return "", undo, "Server and load were not kept to processors of their own: " + err.Error() + ".", nil //nolint:nilerr // measured all the same
	}
	return strconv.Itoa(all[last]), confined, "", nil
}

// jobs are the service's checks that its peer answers too.
func (d Duel) jobs(ctx context.Context, api *client.Client) ([]catalog.Check, error) {
	image, err := api.ImageInspect(ctx, d.Peer)
	if err != nil {
		return nil, fmt.Errorf("look at the peer's image %s: %w", d.Peer, err)
	}
	var found []catalog.Check
	names := ""
	if image.Config != nil {
		names = image.Config.Labels[jobsLabel]
	}
	for name := range strings.SplitSeq(names, ",") {
		i := slices.IndexFunc(d.Service.Checks, func(c catalog.Check) bool { return c.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("measure %s: the peer's label %s names the check %q, which is not in %s/service.yaml", d.Service.Name, jobsLabel, name, d.Service.Dir)
		}
		found = append(found, d.Service.Checks[i])
	}
	return found, nil
}

func measure(ctx context.Context, api *client.Client, c contestant, service catalog.Service, jobs []catalog.Check, processor string) (_ sample, err error) {
	r, err := start(ctx, api, c, service, processor)
	if err != nil {
		return sample{}, err
	}
	defer func() { err = errors.Join(err, r.remove(ctx)) }()
	time.Sleep(idleFor)
	idle, err := r.usage(ctx)
	if err != nil {
		return sample{}, err
	}
	s := sample{start: r.toward, memory: idle.memory, jobs: map[string]speed{}, alive: map[string]speed{}}
	for _, check := range jobs {
		if s.jobs[check.Name], err = r.speed(ctx, check); err != nil {
			return sample{}, fmt.Errorf("check %q: %w", check.Name, err)
		}
		if len(check.Body) == 0 {
			continue
		}
		if s.alive[check.Name], err = r.alive(ctx, check, service.Health.Live); err != nil {
			return sample{}, fmt.Errorf("GET %s next to check %q: %w", service.Health.Live, check.Name, err)
		}
	}
	return s, nil
}

// alive asks the live path, as an orchestrator does, while others ask a check that costs time.
func (r *running) alive(ctx context.Context, check catalog.Check, path string) (speed, error) {
	others := make(chan error, 1)
	go func() {
		_, err := httpload.Run(ctx, httpload.Job{Addr: r.addr, Request: wire(check), Accept: accept(check.Expect)}, pace, nil)
		others <- err
	}()
	probe := catalog.Check{Method: http.MethodGet, Path: path, Expect: catalog.Expect{Status: http.StatusOK}}
	now := pace
	now.Connections, now.Pause = 1, 5*time.Millisecond
	result, err := httpload.Run(ctx, httpload.Job{Addr: r.addr, Request: wire(probe), Accept: accept(probe.Expect)}, now, nil)
	if err := errors.Join(err, <-others); err != nil {
		return speed{}, err
	}
	return speed{p50: Percentile(result.Latencies, 50), p99: Percentile(result.Latencies, 99)}, nil
}

// speed asks one check as fast as it is answered.
func (r *running) speed(ctx context.Context, check catalog.Check) (speed, error) {
	var (
		before usage
		client int64
		failed error
	)
	result, err := httpload.Run(ctx, httpload.Job{Addr: r.addr, Request: wire(check), Accept: accept(check.Expect)}, pace, func() {
		before, failed = r.usage(ctx)
		client, _ = httpload.Used()
	})
	used, _ := httpload.Used()
	if err := errors.Join(err, failed); err != nil {
		return speed{}, err
	}
	after, err := r.usage(ctx)
	if err != nil {
		return speed{}, err
	}
	busy := after.processor - before.processor
	return speed{
		perSecond:  result.PerSecond(),
		p50:        Percentile(result.Latencies, 50),
		p99:        Percentile(result.Latencies, 99),
		perAnswer:  busy / time.Duration(len(result.Latencies)),
		serverBusy: busy.Seconds() / result.Elapsed.Seconds(),
		clientBusy: time.Duration(used-client).Seconds() / result.Elapsed.Seconds(),
	}, nil
}

// wire is a check's request as it goes over the wire.
func wire(check catalog.Check) []byte {
	var text strings.Builder
	fmt.Fprintf(&text, "%s %s HTTP/1.1\r\nHost: stagecraft\r\n", check.Method, check.Path)
	if len(check.Body) > 0 {
		fmt.Fprintf(&text, "Content-Length: %d\r\n", len(check.Body))
	}
	_ = httpcheck.Header(check).Write(&text) // a strings.Builder takes all
	return []byte(text.String() + "\r\n" + string(check.Body))
}

// accept is what a check expects of status and body.
func accept(expect catalog.Expect) func(status int, body []byte) error {
	expect.Headers = nil
	return func(status int, body []byte) error {
		if found := httpcheck.Differences(expect, status, http.Header{}, body); len(found) > 0 {
			return errors.New(strings.Join(found, "; "))
		}
		return nil
	}
}
