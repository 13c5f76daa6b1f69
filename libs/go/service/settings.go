package service

import (
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"time"
)

// settings are those of every service. Each is a flag and an environment variable.
type settings struct {
	port       port
	drainDelay time.Duration
	logLevel   slog.Level
	probe      bool
}

const maxDrainDelay = time.Hour

// readSettings reads the settings of every service, and those that a service has defined on flags itself: from the arguments
// or, for a flag that is not among them, from the environment, where --upstream-timeout is UPSTREAM_TIMEOUT. Unset and empty
// variables mean the default. The error has a line for each variable that is wrong.
func readSettings(flags *flag.FlagSet, args []string) (settings, error) {
	var s settings
	flags.TextVar(&s.port, "port", port(8080), "TCP port to listen on, on all addresses")
	flags.DurationVar(&s.drainDelay, "drain-delay", 0, "how long to keep serving after SIGTERM, while balancers look away; at most 1h")
	flags.TextVar(&s.logLevel, "log-level", slog.LevelInfo, "debug, info, warn or error")
	flags.BoolVar(&s.probe, "probe", false, "ask the running service whether it is alive, and exit")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	given := map[string]bool{"probe": true} // only as an argument: it is for HEALTHCHECK
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	var errs []error
	flags.VisitAll(func(f *flag.Flag) {
		name := strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		if value := os.Getenv(name); value != "" && !given[f.Name] {
			if err := f.Value.Set(value); err != nil {
				errs = append(errs, fmt.Errorf("reading %s: %q: %w: set %s", name, value, err, f.Usage))
			}
		}
	})
	if s.drainDelay < 0 || s.drainDelay > maxDrainDelay {
		errs = append(errs, fmt.Errorf("reading DRAIN_DELAY: %s: set a duration from 0s to 1h", s.drainDelay))
	}
	return s, errors.Join(errs...)
}

// port is a TCP port from 1 to 65535.
type port uint16

// UnmarshalText reads a decimal number.
func (p *port) UnmarshalText(text []byte) error {
	number, err := strconv.ParseUint(string(text), 10, 16)
	if err != nil || number == 0 {
		return errors.New("not a number from 1 to 65535")
	}
	*p = port(number)
	return nil
}

// MarshalText is the decimal number.
func (p port) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

func (p port) String() string { return strconv.Itoa(int(p)) }
