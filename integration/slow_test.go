package integration

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"testing"
	"time"

	"example.com/stagecraft/internal/catalog"
)

// slowBodies are clients that send a body byte by byte: more than the threads of any server here.
const slowBodies = 48

// TestSlowBodies: clients that send their bodies byte by byte keep nobody else waiting. It is no promise, as good servers of other
// people's read a body in the thread that will answer: they want a proxy in front that collects it.
func TestSlowBodies(t *testing.T) {
	eachHTTPService(t, servesBesideSlowBodies)
}

// Negative control: a service that answers one client after the other.
func TestSlowBodiesControl(t *testing.T) {
	t.Parallel()
	lab := open(t)
	target := lab.target(lab.fixture(t, "slow-bodies", nil), lab.native)
	target.pace = hurried
	err := target.with(t, map[string]string{"FAULT": "one at a time"}, servesBesideSlowBodies)
	expectWords(t, err, `next to 48 slow bodies: `)
}

func servesBesideSlowBodies(ctx context.Context, s subject) error {
	return s.pace.unlessSlow(func() error {
		took := make([]time.Duration, slowBodies)
		longest, err := longestMeanwhile(ctx, s, func() error {
			return atOnce(slowBodies, func(i int) (err error) {
				took[i], err = sendSlowly(ctx, s)
				return err
			})
		})
		if err != nil {
			return fmt.Errorf("next to %d slow bodies: %w", slowBodies, err)
		}
		return s.inTime(longest, slices.Max(took), fmt.Sprintf("%d slow bodies", slowBodies))
	})
}

// sendSlowly sends a body to the path that works, or to the first check that has a body, until all is sent or the service has
// enough: it may refuse the method before the body is there.
func sendSlowly(ctx context.Context, s subject) (time.Duration, error) {
	method, path := http.MethodPost, s.works().Path
	if i := slices.IndexFunc(s.service.Checks, func(c catalog.Check) bool { return len(c.Body) > 0 }); i >= 0 {
		method, path = s.service.Checks[i].Method, s.service.Checks[i].Path
	}
	c, err := dial(ctx, s, 2*slowPieces*slowPause+s.pace.bound(patience))
	if err != nil {
		return 0, err
	}
	defer c.Close()
	begin := time.Now()
	_, err = fmt.Fprintf(c, "%sContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", s.head(method, path), 2*slowPieces)
	for range 2 * slowPieces {
		if err == nil {
			_, err = io.WriteString(c, " ")
			time.Sleep(slowPause)
		}
	}
	if err != nil && !gone(err) {
		return 0, fmt.Errorf("a slow client: %w", err)
	}
	return time.Since(begin), nil
}
