// Package settings reads what may be set from outside.
package settings

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strconv"
	"time"
)

// Settings are the service's settings, checked.
type Settings struct {
	Port       string        // PORT: where to listen
	DrainDelay time.Duration // DRAIN_DELAY: how long to keep serving after SIGTERM, so that balancers can look away
	LogLevel   slog.Level    // LOG_LEVEL: debug, info, warn or error
}

// duration is the part of Go's durations that all services take alike.
var duration = regexp.MustCompile(`^(0|([0-9]+(\.[0-9]+)?(ms|s|m|h))+)$`)

// Read takes the settings from the environment. Unset and empty mean the default; everything that is wrong is told
// at once.
func Read(getenv func(string) string) (Settings, error) {
	set := Settings{Port: cmp.Or(getenv("PORT"), "8080")}
	var errs []error

	if port, err := strconv.ParseUint(set.Port, 10, 16); err != nil || port == 0 {
		errs = append(errs, fmt.Errorf("reading PORT: %q is not a port: set a number from 1 to 65535", set.Port))
	}

	delay := cmp.Or(getenv("DRAIN_DELAY"), "0s")
	var err error
	if set.DrainDelay, err = time.ParseDuration(delay); err != nil || !duration.MatchString(delay) || set.DrainDelay > time.Hour {
		errs = append(errs, fmt.Errorf("reading DRAIN_DELAY: %q is not a duration: set one such as 500ms or 2s, at most 1h", delay))
	}

	level := cmp.Or(getenv("LOG_LEVEL"), "info")
	if err := set.LogLevel.UnmarshalText([]byte(level)); err != nil {
		errs = append(errs, fmt.Errorf("reading LOG_LEVEL: %q is not a level: set debug, info, warn or error", level))
	}
	return set, errors.Join(errs...)
}
