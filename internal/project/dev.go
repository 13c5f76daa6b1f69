package project

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/signal"
	"slices"
	"sync"
	"syscall"
	"text/tabwriter"
	"time"

	"golang.org/x/term"

	"example.com/stagecraft/internal/build"
	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/engine"
	"example.com/stagecraft/internal/render"
)

// Dev runs the named services (comma-separated; empty: all) by Docker Compose, shows their addresses and logs, and builds
// and starts again what changes, until it is interrupted. Then it stops and removes all containers of the project.
func (p Project) Dev(ctx context.Context, services string) error {
	repository, err := p.catalog()
	if err != nil {
		return err
	}
	composed := repository
	composed.Examples = nil // they are in no Compose file
	sel, err := build.Select(composed, services, "")
	if err != nil {
		return err
	}
	if len(sel.Services) == 0 {
		return errors.New("run services: there is none yet; copy one to services/")
	}
	// Containers may take longer to stop than the five seconds that mage leaves after Ctrl-C.
	signal.Reset(os.Interrupt)
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()

	e, err := engine.Find(ctx, p.Root, p.Progress)
	if err != nil {
		return err
	}
	builder, err := build.New(ctx, p.Root, e, p.Builder, p.Progress)
	if err != nil {
		return err
	}
	compose, done, err := builder.Compose(ctx, repository, sel)
	if err != nil {
		return err
	}
	defer done()
	colours := "--ansi=never"
	if out, ok := p.Out.(*os.File); ok && term.IsTerminal(int(out.Fd())) {
		colours = "--ansi=auto"
	}
	run := func(ctx context.Context, verb string, args ...string) error {
		cmd := compose(append([]string{colours, verb}, args...)...)
		cmd.Stdout, cmd.Stderr = p.Out, p.Progress
		return cmd.Run(ctx)
	}
	err = p.develop(ctx, run, sel.Services, render.HostPorts(repository.Services))
	if ctx.Err() != nil {
		err = nil // that is how a person ends it
	}
	return errors.Join(err, run(context.WithoutCancel(ctx), "down", "--remove-orphans"))
}

// runCompose runs a verb of Docker Compose.
type runCompose func(ctx context.Context, verb string, args ...string) error

// develop starts services, then shows their logs and builds what changes until ctx ends.
func (p Project) develop(ctx context.Context, run runCompose, services []catalog.Service, ports map[string]int) error {
	var names []string
	for _, s := range services {
		names = append(names, s.Name)
		for _, command := range slices.Sorted(maps.Keys(s.Commands)) {
			names = append(names, render.CommandService(s, command))
		}
	}
	start := time.Now()
	if err := run(ctx, "up", append([]string{"--build", "--detach", "--remove-orphans"}, names...)...); err != nil {
		return err
	}
	if err := p.writeAddresses(services, ports); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	var logs sync.WaitGroup
	defer logs.Wait()
	defer stop()
	logs.Go(func() {
		// It ends when no container runs, which the next change may fix; why it failed, if it did, it has written itself.
		for ; ctx.Err() == nil; start = time.Now() {
			_ = run(ctx, "logs", append([]string{"--follow", "--since=" + start.Format(time.RFC3339)}, names...)...)
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
		}
	})
	return run(ctx, "watch", append([]string{"--no-up"}, names...)...)
}

// writeAddresses writes where each service is reached from this machine.
func (p Project) writeAddresses(services []catalog.Service, ports map[string]int) error {
	t := tabwriter.NewWriter(p.Out, 0, 0, 2, ' ', 0)
	for _, s := range services {
		address := fmt.Sprintf("127.0.0.1:%d", ports[s.Name])
		switch {
		case s.Port == 0:
			continue
		case s.Protocol == catalog.HTTP:
			address = "http://" + address
		}
		fmt.Fprintf(t, "%s\t%s\n", s.Name, address)
	}
	return t.Flush()
}
