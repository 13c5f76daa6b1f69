// Stagecraft checks Dockerfiles and container images against practices that keep images small, safe and the same everywhere.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
)

const usage = `Usage:
  stagecraft lint [-context=DIR] [-json] PATH...    checks Dockerfiles against the rules; a folder stands for those in it
  stagecraft audit [-json] IMAGE...                 checks images against the rules, on every platform; starts none
  stagecraft explain RULE                           shows what a rule asks, why, and how to follow it

IMAGE is an OCI layout (a folder), a tar of one or of docker save, an image of the engine, or a reference in a registry.
Exit status: 0 nothing found, 1 findings, 2 it could not be done.
`

// errFindings ends a run that found something, which has been written already.
var errFindings = errors.New("findings")

// errUsage ends a run that was not told what to do.
var errUsage = errors.New("usage")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the program; it returns its exit status.
func run(ctx context.Context, args []string, out, problems io.Writer) int {
	err := dispatch(ctx, args, out)
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		if err != nil {
			fmt.Fprint(out, usage)
		}
		return 0
	case errors.Is(err, errFindings):
		return 1
	case errors.Is(err, errUsage):
		fmt.Fprint(problems, usage)
	default:
		fmt.Fprintln(problems, "stagecraft:", err)
	}
	return 2
}

func dispatch(ctx context.Context, args []string, out io.Writer) error {
	if len(args) == 0 {
		return errUsage
	}
	switch verb, rest := args[0], args[1:]; verb {
	case "lint":
		return lint(rest, out)
	case "audit":
		return audit(ctx, rest, out)
	case "explain":
		return explain(rest, out)
	case "help", "-h", "-help", "--help":
		return flag.ErrHelp
	default:
		return fmt.Errorf("there is no verb %s; `stagecraft help` lists them", verb)
	}
}

// parse reads a verb's flags, which may stand among its arguments.
func parse(flags *flag.FlagSet, args []string) ([]string, error) {
	flags.SetOutput(io.Discard)
	var rest []string
	for {
		if err := flags.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				return nil, err
			}
			return nil, fmt.Errorf("%s: %w; `stagecraft help` lists the flags", flags.Name(), err)
		}
		if flags.NArg() == 0 {
			return rest, nil
		}
		rest, args = append(rest, flags.Arg(0)), flags.Args()[1:]
	}
}
