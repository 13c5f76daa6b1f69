// Command bare makes a bare machine able to build containers: it brings up a
// private Docker engine and assembles stand-ins for base images that no
// registry can deliver. It answers with one JSON object on stdout.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"example.com/stagecraft/bare/bases"
	"example.com/stagecraft/bare/engine"
)

const usage = "bare engine up|status|stop|remove, or: bare bases [-all-platforms] [-again] REF..., or: bare buildkit, or: bare compose"

func main() {
	// A plain PATH lacks the folders of iptables and its like.
	os.Setenv("PATH", os.Getenv("PATH")+string(os.PathListSeparator)+"/usr/sbin"+string(os.PathListSeparator)+"/sbin")
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	answer, err := run(ctx, os.Args[1:])
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(answer)
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bare:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) (any, error) {
	switch {
	case len(args) == 2 && args[0] == "engine":
		return runEngine(ctx, args[1])
	case len(args) > 1 && args[0] == "bases":
		return runBases(ctx, args[1:])
	case len(args) == 1 && args[0] == "compose":
		home, err := engine.FindHome()
		if err != nil {
			return nil, err
		}
		return home.Compose(ctx, tell)
	case len(args) == 1 && args[0] == "buildkit":
		home, err := engine.FindHome()
		if err != nil {
			return nil, err
		}
		return home.BuildKit(ctx, tell)
	}
	return nil, fmt.Errorf("usage: %s", usage)
}

func runEngine(ctx context.Context, verb string) (any, error) {
	home, err := engine.FindHome()
	if err != nil {
		return nil, err
	}
	switch verb {
	case "up":
		return home.Up(ctx, tell)
	case "status":
		return home.Status(ctx)
	case "stop":
		return struct{}{}, home.Stop(ctx, tell)
	case "remove":
		// All that this program ever made, the stand-ins too.
		if err := home.Remove(ctx, tell); err != nil {
			return nil, err
		}
		store, err := store()
		if err != nil {
			return nil, err
		}
		return struct{}{}, store.Remove()
	}
	return nil, fmt.Errorf("usage: %s", usage)
}

func runBases(ctx context.Context, refs []string) (any, error) {
	store, err := store()
	if err != nil {
		return nil, err
	}
	want := bases.Want{Since: time.Now().Add(-bases.Week)}
	for len(refs) > 0 && strings.HasPrefix(refs[0], "-") {
		switch refs[0] {
		case "-all-platforms":
			want.All = true
		case "-again":
			want.Since = time.Now()
		default:
			return nil, fmt.Errorf("usage: %s", usage)
		}
		refs = refs[1:]
	}
	return store.Assemble(ctx, refs, want, tell)
}

func store() (bases.Store, error) {
	root, err := engine.Root()
	return bases.Store(filepath.Join(root, "bases")), err
}

func tell(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
}
