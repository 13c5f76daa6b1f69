package integration

import (
	"context"

	"example.com/stagecraft/internal/ask"
	"example.com/stagecraft/internal/catalog"
)

// promise is one thing that every service keeps on every platform. The first word of its name is a verb, so that "hello-go
// answers 404" can be read; the same words select it: -run 'TestServices/hello-go/arm64/drains'.
type promise[T any] struct {
	name string
	keep func(context.Context, T) error
}

// declared are the checks that the service's own service.yaml declares. They are asked where a user would ask: at the
// published port. An emulated service gets more than one try: its own time-outs are made for real machines.
func declared(service catalog.Service) []promise[subject] {
	var promises []promise[subject]
	for _, check := range service.Checks {
		promises = append(promises, promise[subject]{"check " + check.Name, func(ctx context.Context, s subject) error {
			err := ask.Check(ctx, s.URL(), check)
			for range tries - 1 {
				if err == nil || s.pace != emulated {
					break
				}
				err = ask.Check(ctx, s.URL(), check)
			}
			return err
		}})
	}
	return promises
}

// together are asked of one container, in this order: what strains it comes late, and its end last.
var together = []promise[subject]{
	{"is healthy", isHealthy},
	{"is confined", isConfined},
	{"answers 404", answers404},
	{"answers 405", answers405},
	{"answers HEAD", answersHEAD},
	{"keeps connections", keepsConnections},
	{"refuses malformed requests", refusesMalformed},
	{"refuses oversized requests", refusesOversized},
	{"bears slow clients", bearsSlowClients},
	{"serves 500 connections", servesManyConnections},
	{"stays within its memory", staysWithinMemory},
	{"ends at SIGTERM", endsAtSIGTERM},
}

// alone need containers of their own.
var alone = []promise[target]{
	{"refuses a bad PORT", refusesBadPort},
	{"drains", drains},
	{"ends at a second SIGTERM", endsAtSecondSIGTERM},
	{"loses nothing at SIGTERM", losesNothing},
}
