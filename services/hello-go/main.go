// Command hello-go greets over HTTP. It only wires: what it answers is in internal/hello, how it lives and dies in
// internal/server, what may be set from outside in internal/settings.
package main

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

	"example.com/stagecraft/services/hello-go/internal/hello"
	"example.com/stagecraft/services/hello-go/internal/server"
	"example.com/stagecraft/services/hello-go/internal/settings"
)

func main() {
	// Two signals are kept: the first drains, the second ends at once.
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGTERM, os.Interrupt)

	if err := run(os.Args[1:], os.Getenv, os.Stdout, signals); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "hello-go:", err)
		os.Exit(1)
	}
}

func run(args []string, getenv func(string) string, out io.Writer, signals <-chan os.Signal) error {
	flags := flag.NewFlagSet("hello-go", flag.ContinueOnError)
	probe := flags.Bool("probe", false, "ask the running server whether it is alive and exit")
	if err := flags.Parse(args); err != nil {
		return err
	}
	set, err := settings.Read(getenv)
	if err != nil {
		return err
	}
	if *probe {
		return server.Probe(net.JoinHostPort("127.0.0.1", set.Port), hello.LivePath)
	}

	log := slog.New(slog.NewJSONHandler(out, &slog.HandlerOptions{Level: set.LogLevel}))
	listener, err := net.Listen("tcp", ":"+set.Port)
	if err != nil {
		return fmt.Errorf("listening on port %s: %w", set.Port, err)
	}
	srv := server.New(log, set.DrainDelay)
	return srv.Serve(listener, hello.Handler(log, srv.Ready), signals)
}
