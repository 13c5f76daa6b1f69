// Package httpload asks one HTTP/1.1 service the same thing as fast as it answers, and measures how long each answer takes.
//
// It is a closed loop: each connection sends its next request when it has the answer to the one before, so that a slow server
// is asked less. It writes and reads the wire itself, with one processor for the work that a client library would need three
// for: the server shall be what is measured.
package httpload

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Job is what is asked.
type Job struct {
	Addr    string // host and port
	Request []byte // as it goes over the wire
	// Accept refuses an answer that is not the job's: it would count as throughput. It is asked again when the answer differs
	// from the one before on the connection.
	Accept func(status int, body []byte) error
}

// Setting is how hard and how long it is asked.
type Setting struct {
	Connections int
	Pause       time.Duration // of each connection between an answer and its next request
	Warmup      time.Duration // answers in it must be right, and are not counted
	Duration    time.Duration
}

// answerWithin is for one answer; a server that is this slow has failed.
const answerWithin = 30 * time.Second

// Result is what came of it.
type Result struct {
	Latencies []time.Duration // of every counted answer, sorted
	Elapsed   time.Duration   // the time in which answers were counted
	Connects  int             // connections made: more than asked for when the server closes them
}

// PerSecond is how many answers a second there were.
func (r Result) PerSecond() float64 {
	if r.Elapsed <= 0 {
		return 0
	}
	return float64(len(r.Latencies)) / r.Elapsed.Seconds()
}

// Run asks for the time that is set. One answer that is wrong, late or missing ends it with an error: figures of a service
// that fails mean nothing. counting, unless it is nil, is called when the warm-up is over.
func Run(ctx context.Context, job Job, set Setting, counting func()) (Result, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, set.Warmup+set.Duration+answerWithin, errors.New("the service stopped answering"))
	defer cancel()
	begin := time.Now().Add(set.Warmup)
	end := begin.Add(set.Duration)
	if counting != nil {
		defer time.AfterFunc(set.Warmup, counting).Stop()
	}
	var (
		group    sync.WaitGroup
		connects atomic.Int64
		failed   = make([]error, set.Connections)
		taken    = make([][]time.Duration, set.Connections)
	)
	for i := range set.Connections {
		group.Go(func() {
			c := &client{job: job, connects: &connects}
			defer c.hangUp()
			for {
				start := time.Now()
				if !start.Before(end) || ctx.Err() != nil {
					return
				}
				if err := c.ask(ctx); err != nil {
					failed[i] = err
					cancel()
					return
				}
				if now := time.Now(); !now.Before(begin) && now.Before(end) {
					taken[i] = append(taken[i], now.Sub(start))
				}
				c.settle()
				if set.Pause > 0 {
					time.Sleep(set.Pause)
				}
			}
		})
	}
	group.Wait()
	if err := first(failed); err != nil {
		return Result{}, fmt.Errorf("asking %s: %w", job.Addr, err)
	}
	if err := context.Cause(ctx); err != nil {
		return Result{}, fmt.Errorf("asking %s: %w", job.Addr, err)
	}
	result := Result{Latencies: slices.Concat(taken...), Elapsed: set.Duration, Connects: int(connects.Load())}
	if len(result.Latencies) == 0 {
		return Result{}, fmt.Errorf("asking %s: no answer within %s", job.Addr, set.Duration)
	}
	slices.Sort(result.Latencies)
	return result, nil
}

// first is the error that ended a run; the others are of connections that were cut off by it.
func first(failed []error) error {
	var cut error
	for _, err := range failed {
		switch {
		case err == nil:
		case errors.Is(err, context.Canceled):
			cut = err
		default:
			return err
		}
	}
	return cut
}
