package project

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/command"
	"example.com/stagecraft/internal/engine"
)

// EngineEnv writes the shell commands that give a shell the engine in use, which is started when it has to be.
func (p Project) EngineEnv(ctx context.Context) error {
	e, err := engine.Find(ctx, p.Root, p.Progress)
	if err != nil {
		return err
	}
	for _, change := range e.Changes() {
		name, value, sets := strings.Cut(change, "=")
		if sets {
			fmt.Fprintf(p.Out, "export %s=%s\n", name, command.Quote(value))
		} else {
			fmt.Fprintf(p.Out, "unset %s\n", name)
		}
	}
	return nil
}

// EngineStatus writes what there is of the private engine.
func (p Project) EngineStatus(ctx context.Context) error {
	var status struct {
		State, Host, Version, API string
		Uptime                    int64 `json:"uptime_seconds"`
		Disk                      struct {
			Programs, Images, Data catalog.Bytes
			BuildCache             catalog.Bytes `json:"build_cache"`
			CacheLimit             string        `json:"build_cache_limit"`
		}
	}
	if err := engine.NewBare(p.Root).Run(ctx, p.Progress, &status, "engine", "status"); err != nil {
		return err
	}
	t := tabwriter.NewWriter(p.Out, 0, 0, 2, ' ', 0)
	line := func(name, format string, args ...any) { fmt.Fprintf(t, name+"\t"+format+"\n", args...) }
	line("private engine", "%s", status.State)
	if status.State == "running" {
		line("address", "%s", status.Host)
		line("version", "%s, API %s", status.Version, status.API)
		line("up for", "%v", time.Duration(status.Uptime)*time.Second)
		line("images", "%v", status.Disk.Images)
		line("build cache", "%v of at most %s", status.Disk.BuildCache, status.Disk.CacheLimit)
	} else if status.Disk.Data > 0 {
		line("images and cache", "%v", status.Disk.Data)
	}
	if status.Disk.Programs > 0 {
		line("programs", "%v", status.Disk.Programs)
	}
	return t.Flush()
}

// Engine runs a verb of the private engine that gives no answer: stop or remove.
func (p Project) Engine(ctx context.Context, verb string) error {
	return engine.NewBare(p.Root).Run(ctx, p.Progress, nil, "engine", verb)
}
