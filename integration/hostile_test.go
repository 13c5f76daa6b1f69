package integration

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// malformed are requests that break HTTP/1.1's grammar, RFC 9112.
var malformed = map[string]string{
	"no HTTP at all":        "\x16\x03\x01\x02\x00\x01\r\n\r\n",
	"an unknown version":    "GET / HTTP/7.3\r\nHost: stagecraft\r\n\r\n",
	"no Host":               "GET / HTTP/1.1\r\nConnection: close\r\n\r\n",
	"two Hosts":             "GET / HTTP/1.1\r\nHost: stagecraft\r\nHost: stagecraft\r\n\r\n",
	"a header without name": "GET / HTTP/1.1\r\nHost: stagecraft\r\n: nameless\r\n\r\n",
	"a line without colon":  "GET / HTTP/1.1\r\nHost: stagecraft\r\nno colon here\r\n\r\n",
	"a NUL in a header":     "GET / HTTP/1.1\r\nHost: stagecraft\r\nX: a\x00b\r\n\r\n",
	"a negative length":     "POST / HTTP/1.1\r\nHost: stagecraft\r\nContent-Length: -1\r\n\r\n",
	"two lengths":           "POST / HTTP/1.1\r\nHost: stagecraft\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
}

// refusesMalformed: what is not HTTP gets a 4xx, or 505 for its version, and the service lives on.
func refusesMalformed(ctx context.Context, s subject) error {
	for name, text := range malformed {
		got, err := raw(ctx, s, http.MethodGet, text)
		if err != nil {
			return fmt.Errorf("%s: expected 4xx: %w", name, err)
		}
		if (got.status < 400 || got.status > 499) && got.status != http.StatusHTTPVersionNotSupported {
			return fmt.Errorf("%s: expected 4xx, got %d", name, got.status)
		}
	}
	// Somebody who hangs up in the middle gets no answer and does no harm.
	c, err := dial(ctx, s, patience)
	if err != nil {
		return err
	}
	_, err = c.Write([]byte("GET / HT"))
	if err := errors.Join(err, c.Close()); err != nil {
		return err
	}
	return serves(ctx, s)
}

const (
	// oversize is twice the largest limit that a server of ours has by default, Go's 1 MiB of headers.
	oversize = 2 << 20
	// oversizedAtOnce makes a service that keeps what it refuses use up its memory.
	oversizedAtOnce = 20
	oversizedWithin = 30 * time.Second
)

// refusals are the answers to a request that is too large. RFC 6585 brought 431; servers older than it say 400.
var refusals = []int{http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusRequestURITooLong, http.StatusRequestHeaderFieldsTooLarge}

// refusesOversized: headers and targets without end are refused, by an answer or by closing before all was sent.
func refusesOversized(ctx context.Context, s subject) error {
	large := strings.Repeat("x", oversize)
	for name, text := range map[string]string{
		"a large target": "GET /?" + large + " HTTP/1.1\r\nHost: stagecraft\r\n\r\n",
		"a large header": "GET / HTTP/1.1\r\nHost: stagecraft\r\nX: " + large + "\r\n\r\n",
		"many headers":   "GET / HTTP/1.1\r\nHost: stagecraft\r\n" + strings.Repeat("X: y\r\n", oversize/6) + "\r\n",
	} {
		err := atOnce(oversizedAtOnce, func(int) error {
			got, err := rawWithin(ctx, s, s.pace.bound(oversizedWithin), http.MethodGet, text)
			if errors.Is(err, errSilent) {
				return nil
			}
			if err != nil {
				return err
			}
			if !slices.Contains(refusals, got.status) {
				return fmt.Errorf("expected one of %v, got %d", refusals, got.status)
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("%s of %d bytes: %w", name, oversize, err)
		}
	}
	return serves(ctx, s)
}

const (
	// slowClients is more than the threads of any server here: one that gives each of them a thread has none for others.
	slowClients = 200
	// slowEmulated is fewer: each of their writes wakes the service, and an emulated one is slow to wake.
	slowEmulated = 20
	// Few bytes at a time, so that the whole takes two seconds: half of what services allow.
	slowBytes = 3
	slowPause = 100 * time.Millisecond
	// besides is how long another client may wait meanwhile.
	besides = 1500 * time.Millisecond
)

// bearsSlowClients: a client that sends a few bytes at a time gets its answer, and others get theirs without waiting for it.
func bearsSlowClients(ctx context.Context, s subject) error {
	return unlessSlow(func() error { return bearsSlowClientsOnce(ctx, s) })
}

func bearsSlowClientsOnce(ctx context.Context, s subject) error {
	const text = "GET / HTTP/1.1\r\nHost: stagecraft\r\nConnection: close\r\n\r\n"
	clients := slowClients
	if s.pace == emulated {
		clients = slowEmulated
	}
	done := make(chan error, 1)
	go func() {
		done <- atOnce(clients, func(int) error {
			c, err := dial(ctx, s, time.Duration(len(text))*slowPause+s.pace.bound(patience))
			if err != nil {
				return err
			}
			defer c.Close()
			for rest := text; rest != ""; rest = rest[min(slowBytes, len(rest)):] {
				if _, err := io.WriteString(c, rest[:min(slowBytes, len(rest))]); err != nil {
					return fmt.Errorf("a slow client was cut off %d bytes before its end: %w", len(rest), err)
				}
				time.Sleep(slowPause)
			}
			got, err := c.answer(http.MethodGet)
			if err == nil && got.status != http.StatusOK {
				err = fmt.Errorf("expected 200, got %d", got.status)
			}
			if err != nil {
				return fmt.Errorf("a slow client: %w", err)
			}
			return nil
		})
	}()
	for {
		select {
		case err := <-done:
			return err
		case <-time.After(slowPause):
			before := time.Now()
			err := serves(ctx, s)
			if took := time.Since(before); err == nil && took > s.pace.bound(besides) {
				err = tooSlowError("answered after " + took.Round(time.Millisecond).String())
			}
			if err != nil {
				return errors.Join(fmt.Errorf("besides %d slow clients: %w", clients, err), <-done)
			}
		}
	}
}

// atOnce does the same n times at the same time and returns the first error, with how many there were.
func atOnce(n int, do func(i int) error) error {
	failed := make([]error, n)
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() { failed[i] = do(i) })
	}
	group.Wait()
	failed = slices.DeleteFunc(failed, func(err error) bool { return err == nil })
	if len(failed) == 0 {
		return nil
	}
	return fmt.Errorf("%d of %d failed, the first: %w", len(failed), n, failed[0])
}
