package project

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/moby/moby/client"
	"github.com/moby/sys/atomicwriter"

	"example.com/stagecraft/internal/bench"
	"example.com/stagecraft/internal/catalog"
)

// peers is the folder of plain programs that do a service's job: SERVICE.Dockerfile.
const peers = "bench/peers"

// BenchServices measures the named services (comma-separated; empty: all) next to their plain peers, after building what
// changed. With write, the tables go to docs/benchmarks.md too.
func (p Project) BenchServices(ctx context.Context, services string, write bool) error {
	if err := wholePage(services, write); err != nil {
		return err
	}
	repository, err := p.catalog()
	if err != nil {
		return err
	}
	j, err := p.jobWithEngine(ctx, repository, services, "")
	if err != nil {
		return err
	}
	if _, err := p.build(ctx, j); err != nil {
		return err
	}
	server, err := j.engine.Client().ServerVersion(ctx, client.ServerVersionOptions{})
	if err != nil {
		return fmt.Errorf("ask the engine at %s for its platform: %w", j.engine.Host, err)
	}
	duels, err := p.peers(ctx, j, catalog.Platform(server.Os+"/"+server.Arch))
	if err != nil {
		return err
	}
	report, err := bench.Services(ctx, j.engine.Client(), duels, p.say)
	if err != nil {
		return err
	}
	machine := fmt.Sprintf("%d processors, %s/%s; API %s; %s.",
		runtime.NumCPU(), server.Os, server.Arch, server.APIVersion, time.Now().Format(time.DateOnly))
	remarks := append([]string{machine}, report.Remarks()...)
	for _, t := range []bench.Table{report.Answers, report.Process} {
		if err := t.Write(p.Out); err != nil {
			return err
		}
		fmt.Fprintln(p.Out)
	}
	fmt.Fprintln(p.Out, strings.Join(remarks, "\n"))
	if !write {
		return nil
	}
	return p.writeBench("services", strings.Join(remarks[:1], "")+"\n\n"+report.Answers.Markdown()+"\n"+report.Process.Markdown()+"\n- "+strings.Join(remarks[1:], "\n- "))
}

// peers builds the peer of each service that has one.
func (p Project) peers(ctx context.Context, j *job, native catalog.Platform) ([]bench.Duel, error) {
	var duels []bench.Duel
	var files []string
	peer := func(s catalog.Service) string { return peers + "/" + s.Name + ".Dockerfile" }
	for _, s := range p.compared(j.sel.Services, peer, "it has no peer") {
		files = append(files, peer(s))
		duels = append(duels, bench.Duel{Service: s, Image: s.Tag(native), Peer: s.Project + "/" + s.Name + ":peer"})
	}
	if len(duels) == 0 {
		return nil, fmt.Errorf("measure services: none of %s has a peer in %s", j.sel, peers)
	}
	commands, err := j.Commands(ctx, files...)
	if err != nil {
		return nil, err
	}
	for i, d := range duels {
		p.say("the peer of %s", d.Service.Name)
		if err := commands("-f", files[i], "-t", d.Peer, ".").Run(ctx); err != nil {
			return nil, fmt.Errorf("build the peer of %s: the step that failed is above: %w", d.Service.Name, err)
		}
	}
	return duels, nil
}

// wholePage refuses to replace a table of all services by one of some.
func wholePage(services string, write bool) error {
	if write && services != "" {
		return fmt.Errorf("write figures into %s: its tables are for all services; leave out -services or -write", bench.Page)
	}
	return nil
}

// writeBench puts a part into the page of benchmarks.
func (p Project) writeBench(part, body string) error {
	file := filepath.Join(p.Root, filepath.FromSlash(bench.Page))
	page, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("write what was measured: %w", err)
	}
	text, err := bench.Replace(string(page), part, body)
	if err != nil {
		return err
	}
	if err := atomicwriter.WriteFile(file, []byte(text), 0o644); err != nil {
		return fmt.Errorf("write what was measured: %w", err)
	}
	return nil
}
