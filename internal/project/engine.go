package project

import (
	"context"
	"fmt"
	"io"
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

// EngineStatus writes what there is of the private engine, in lines or as JSON.
func (p Project) EngineStatus(ctx context.Context, asJSON bool) error {
	var status engineStatus
	if err := engine.NewBare(p.Root).Run(ctx, p.Progress, &status, "engine", "status"); err != nil {
		return err
	}
	if asJSON {
		return p.writeJSON(status)
	}
	return status.write(p.Out)
}

// engineStatus is what `bare engine status` answers; sizes are in bytes.
type engineStatus struct {
	State   string `json:"state"` // running, stopped or absent
	Host    string `json:"host"`
	Version string `json:"version"`
	API     string `json:"api"`
	Uptime  int64  `json:"uptime_seconds"`
	Disk    struct {
		Programs   int64  `json:"programs"`
		Images     int64  `json:"images"`
		Data       int64  `json:"data"`
		BuildCache int64  `json:"build_cache"`
		CacheLimit string `json:"build_cache_limit"`
	} `json:"disk"`
}

func (s engineStatus) write(out io.Writer) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	line := func(name, format string, args ...any) { fmt.Fprintf(t, name+"\t"+format+"\n", args...) }
	line("private engine", "%s", s.State)
	if s.State == "running" {
		line("address", "%s", s.Host)
		line("version", "%s, API %s", s.Version, s.API)
		line("up for", "%v", time.Duration(s.Uptime)*time.Second)
		line("images", "%v", catalog.Bytes(s.Disk.Images))
		line("build cache", "%v of at most %s", catalog.Bytes(s.Disk.BuildCache), s.Disk.CacheLimit)
	} else if s.Disk.Data > 0 {
		line("images and cache", "%v", catalog.Bytes(s.Disk.Data))
	}
	if s.Disk.Programs > 0 {
		line("programs", "%v", catalog.Bytes(s.Disk.Programs))
	}
	return t.Flush()
}

// Engine runs a verb of the private engine that gives no answer: stop or remove.
func (p Project) Engine(ctx context.Context, verb string) error {
	return engine.NewBare(p.Root).Run(ctx, p.Progress, nil, "engine", verb)
}
