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

	"example.com/stagecraft/internal/version"
)

const usage = `Stagecraft checks Dockerfiles and container images against practices that keep images small, safe and the same everywhere.

Usage:
  stagecraft lint [FLAGS] PATH...     checks Dockerfiles; a folder stands for those in it, - for standard input
  stagecraft audit [FLAGS] IMAGE...   checks images on every platform; starts none
  stagecraft explain [RULE...]        shows what a rule asks, why, and how to follow it; without RULE, all of them
  stagecraft version                  also --version

IMAGE is an OCI layout (a folder), a tar of one or of docker save, an image of the engine, or a reference in a registry.

Flags:
  -format=FORMAT     text (the default), json, sarif, or github: text with workflow annotations, the default in GitHub Actions
  -fail-on=SEVERITY  the least severity that fails: error, warning (the default) or none; notes fail nothing
  -only=RULE,...     only these rules, and what cannot be read at all
  -skip=RULE,...     all rules but these
  -context=DIR       lint: the folder that the Dockerfiles are built from, for the rules that look into it

A team's settings are in .stagecraft.yaml, in the current folder or above it in the repository; flags win:
  fail-on: error
  skip: [named, StageNameCasing]
  severity: {pinned: error, layers: note}

A finding is waived above its instruction, with a reason: # stagecraft: allow=RULE,RULE REASON

Exit status: 0 nothing found that fails, 1 findings, 2 it could not be done.
`

// errFindings ends a run that found something, which has been written already.
var errFindings = errors.New("findings")

// errUsage ends a run that was not told what to do.
var errUsage = errors.New("usage")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the program; it returns its exit status.
func run(ctx context.Context, args []string, in io.Reader, out, problems io.Writer) int {
	err := dispatch(ctx, args, in, out)
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

func dispatch(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	if len(args) == 0 {
		return errUsage
	}
	switch verb, rest := args[0], args[1:]; verb {
	case "lint":
		return runLint(rest, in, out)
	case "audit":
		return runAudit(ctx, rest, out)
	case "explain":
		return explain(rest, out)
	case "version", "-version", "--version":
		_, err := fmt.Fprintln(out, "stagecraft", version.Version)
		return err
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
