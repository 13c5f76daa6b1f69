// Package service is what HTTP services have in common: settings, logs, health, and an end that loses no request.
// ../README.md shows its use, ../../README.md is the contract that it keeps.
package service

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"syscall"

	"github.com/go-chi/chi/v5"
)

// Main is the main function of a service. It reads the settings, lets routes add the service's own routes to a router from
// NewRouter, and serves them until SIGTERM. Settings of the service's own are flags, as package flag defines them: each can be
// set in the environment too, --upstream-timeout as UPSTREAM_TIMEOUT.
//
// Exit codes: 0 after a drain; 1 for bad settings, a port that is taken, an error of routes, requests that did not end in time,
// and a second signal.
//
// With the argument --probe, the program asks the running service whether it is alive instead: for HEALTHCHECK in images that
// have no shell.
func Main(name string, routes func(chi.Router) error) {
	// Two signals are kept: the first drains, the second ends at once.
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGTERM, os.Interrupt)

	flag.CommandLine.Init(name, flag.ContinueOnError)
	err := run(flag.CommandLine, os.Args[1:], routes, os.Stdout, signals)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		os.Exit(1)
	}
}

func run(flags *flag.FlagSet, args []string, routes func(chi.Router) error, out io.Writer, signals <-chan os.Signal) error {
	set, err := readSettings(flags, args)
	if err != nil {
		return err
	}
	if set.probe {
		return Probe(net.JoinHostPort("127.0.0.1", set.port.String()), LivePath)
	}

	lines := newBatch(out)
	defer lines.Flush()
	log := newLogger(lines, lines.Flush, flags.Name(), set.logLevel)
	slog.SetDefault(log)

	server := NewServer(log, set.drainDelay)
	router := NewRouter(log, server.Ready)
	// In a group, so that routes may begin with r.Use: chi takes no middlewares after the first route, which is ours.
	router.Group(func(r chi.Router) { err = routes(r) })
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", ":"+set.port.String())
	if err != nil {
		return fmt.Errorf("listening on port %s: %w", set.port, err)
	}
	return server.Serve(listener, router, signals)
}
