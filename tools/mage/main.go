// Command mage is github.com/magefile/mage for any number of terminals. Mage compiles the magefile together with a file that it
// writes next to it and removes, so that two that start at once take it from each other: here one compiles at a time.
package main

import (
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/gofrs/flock"
	"github.com/magefile/mage/mage"
)

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	inv, command, err := mage.Parse(io.Discard, io.Discard, args)
	runs := err == nil && command == mage.None && len(inv.Args) > 0 && !inv.List && !inv.Help && !inv.Autocomplete
	inv.Stdin, inv.Stdout, inv.Stderr = os.Stdin, os.Stdout, os.Stderr
	out, err := filepath.Abs(filepath.Join(inv.Dir, "out"))
	if err != nil {
		return fail(err)
	}
	inv.CompileOut = filepath.Join(out, "mage")
	if runtime.GOOS == "windows" {
		inv.CompileOut += ".exe"
	}
	status, err := alone(out, func() int {
		if !runs {
			return mage.ParseAndRun(os.Stdout, os.Stderr, os.Stdin, args)
		}
		return mage.Invoke(inv)
	})
	if err != nil {
		return fail(err)
	}
	if !runs || status != 0 {
		return status
	}
	inv.Args = plain(inv.Args)
	return mage.RunCompiled(inv, inv.CompileOut, log.New(os.Stderr, "", 0))
}

func fail(err error) int {
	fmt.Fprintln(os.Stderr, "Error: compile the magefile:", err)
	return 1
}

// alone runs what no other process does meanwhile.
func alone(dir string, compile func() int) (status int, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return 0, fmt.Errorf("make a folder for it: %w", err)
	}
	lock := flock.New(filepath.Join(dir, "mage.lock"))
	if err := lock.Lock(); err != nil {
		return 0, fmt.Errorf("wait for another mage: %w", err)
	}
	status = compile()
	return status, lock.Unlock()
}

// plain removes the hyphens from names of flags: mage's flags are parameters of Go functions, which have none, but people write
// -no-cache.
func plain(args []string) []string {
	var all []string
	for _, arg := range args {
		if flag, ok := strings.CutPrefix(arg, "-"); ok {
			name, value, assigned := strings.Cut(flag, "=")
			arg = "-" + strings.ReplaceAll(name, "-", "")
			if assigned {
				arg += "=" + value
			}
		}
		all = append(all, arg)
	}
	return all
}
