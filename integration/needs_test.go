package integration

import (
	"fmt"
	"slices"
	"testing"

	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/network"
	"github.com/testcontainers/testcontainers-go/wait"

	"example.com/stagecraft/internal/catalog"
)

// surround starts what the service depends on, in the order of depends_on: other services of the catalog until they are
// healthy, and commands of its own image until they have ended. All are in a network of the test's own, where each is
// reached by its name.
func (t *target) surround(tb testing.TB) error {
	if len(t.service.DependsOn) == 0 {
		return nil
	}
	nw, err := network.New(tb.Context(), network.WithLabels(t.owner.labels()))
	testcontainers.CleanupNetwork(tb, nw)
	if err != nil {
		return fmt.Errorf("starting what %s depends on: making a network: %w", t, err)
	}
	t.network, t.alias = nw, t.service.Name
	return t.startNeeds(tb, map[string]bool{t.service.Name: true})
}

// startNeeds starts what a service depends on that has not been started yet.
func (t target) startNeeds(tb testing.TB, started map[string]bool) error {
	for _, name := range t.service.DependsOn {
		if _, own := t.service.Commands[name]; own {
			if err := t.complete(tb, name); err != nil {
				return err
			}
			continue
		}
		if started[name] {
			continue
		}
		started[name] = true
		service, err := t.find(name)
		if err != nil {
			return err
		}
		// It is not what is proven: the engine's own platform is the quickest.
		needed := t.target(service, t.native)
		needed.network, needed.alias, needed.pace = t.network, name, min(t.pace, 1)
		if err := needed.startNeeds(tb, started); err != nil {
			return err
		}
		if err := needed.startHealthy(tb); err != nil {
			return fmt.Errorf("%s depends on %s: %w", t, name, err)
		}
	}
	return nil
}

func (l *laboratory) find(name string) (catalog.Service, error) {
	names := []string{}
	for _, s := range l.repository.All() {
		if names = append(names, s.Name); s.Name == name {
			return s, nil
		}
	}
	return catalog.Service{}, fmt.Errorf("depends_on: there is no service and no command %s; %s", name, catalog.Hint(name, names))
}

// startHealthy starts a service until it is ready and its HEALTHCHECK, if there is one, succeeds.
func (t target) startHealthy(tb testing.TB) error {
	image, err := t.image(tb.Context())
	if err != nil {
		return err
	}
	healthy := []wait.Strategy{t.ready(image.probe)}
	if image.probe {
		healthy = append(healthy, wait.ForHealthCheck().WithStartupTimeout(t.startWithin()))
	}
	_, err = t.run(tb, t.probed(), t.until(healthy...))
	return err
}

// complete runs one of the service's commands to its end, which must be a good one.
func (t target) complete(tb testing.TB, name string) error {
	s, err := t.run(tb, t.inPlaceOfItsOwn(name), t.until(wait.ForExit().WithPollInterval(pollEvery)))
	if err != nil {
		return fmt.Errorf("command %s: %w", name, err)
	}
	state, err := s.State(tb.Context())
	if err == nil && state.ExitCode != 0 {
		err = s.explain(tb.Context(), fmt.Errorf("%s ended with exit code %d, not 0", s.target, state.ExitCode))
	}
	if err != nil {
		return fmt.Errorf("command %s: %w", name, err)
	}
	return nil
}

// inPlaceOfItsOwn replaces the image's command by one of the service's further ones.
func (t target) inPlaceOfItsOwn(name string) testcontainers.CustomizeRequestOption {
	return func(req *testcontainers.GenericContainerRequest) error {
		req.Entrypoint, req.Cmd = t.service.Commands[name], nil
		return nil
	}
}

// command proves a further command of the image. It is a job, which ends by itself with 0, or it still runs after a moment
// and ends with 0 at SIGTERM.
func (t target) command(tb testing.TB, name string) error {
	ctx := tb.Context()
	s, err := t.run(tb, t.inPlaceOfItsOwn(name), t.until(wait.ForNop(t.runsOn)))
	if err != nil {
		return err
	}
	state, err := s.State(ctx)
	if err == nil && state.Running {
		if err = s.stop(ctx, s.pace.bound(stopWithin)); err != nil {
			err = fmt.Errorf("it still ran after %s, so it is not a job: %w", s.pace.bound(moment), err)
		}
	}
	return s.explain(ctx, err)
}

// TestNeeds: depends_on and commands, with a service that asks its peer when it starts and refuses to start without.
func TestNeeds(t *testing.T) {
	t.Parallel()
	lab := *open(t)
	peer := lab.fixture(t, "peer", nil)
	service := lab.fixture(t, "needy", nil)
	service.Environment = map[string]string{"NEEDS": "http://" + peer.Name + ":8080/healthz"}
	service.Commands = map[string][]string{"job": {"/fixture", "job"}, "worker": {"/fixture", "worker"}, "failing": {"/fixture", "failing"}, "stubborn": {"/fixture", "stubborn"}}
	lab.repository.Services = append(slices.Clone(lab.repository.Services), peer)
	for name, test := range map[string]struct {
		dependsOn []string
		env       map[string]string
		words     string // empty: it starts
	}{
		"what it needs is there":     {dependsOn: []string{peer.Name, "job"}},
		"what it needs is not there": {words: "ended with exit code 1 before it was ready; it wrote last: ... stderr: fixture: asking"},
		"unknown":                    {dependsOn: []string{"peers"}, words: "depends_on: there is no service and no command peers"},
		"command fails":              {dependsOn: []string{peer.Name, "failing"}, words: "command failing: ... ended with exit code 4, not 0; it wrote last: ... stderr: fixture: it fails"},
		"peer is unhealthy":          {dependsOn: []string{peer.Name}, env: map[string]string{"FAULT": "unhealthy"}, words: "depends on " + peer.Name + ": ... was not ready within ... GET /healthz: expected 200, got 500"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lab := lab
			if test.env != nil {
				sick := peer
				sick.Environment = test.env
				lab.repository.Services = []catalog.Service{sick}
			}
			target := lab.target(service, lab.native)
			target.pace = hurried
			target.service.DependsOn = test.dependsOn
			err := target.surround(t)
			if err == nil {
				_, err = target.run(t)
			}
			if test.words != "" {
				expectWords(t, err, test.words)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
	for command, words := range map[string]string{
		"job": "", "worker": "",
		"failing":  "ended with exit code 4 before it was ready",
		"stubborn": "it still ran after 1s, so it is not a job: after SIGTERM: ... still runs after 2s",
	} {
		t.Run("command "+command, func(t *testing.T) {
			t.Parallel()
			target := lab.target(service, lab.native)
			target.pace = hurried
			err := target.command(t, command)
			if words != "" {
				expectWords(t, err, words)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
}
