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

// malformed are requests that break HTTP/1.1's grammar, RFC 9112. HTTP/7.3 does not, and RFC 9110, 2.5, lets a server answer it.
func (t target) malformed() map[string]string {
	path := t.works().Path
	get, post := t.head(http.MethodGet, path), t.head(http.MethodPost, path)
	return map[string]string{
		"no HTTP at all":        "\x16\x03\x01\x02\x00\x01\r\n\r\n",
		"no Host":               "GET " + path + " HTTP/1.1\r\nConnection: close\r\n\r\n",
		"two Hosts":             get + "Host: " + loopback.String() + "\r\n\r\n",
		"a header without name": get + ": nameless\r\n\r\n",
		"a line without colon":  get + "no colon here\r\n\r\n",
		"a NUL in a header":     get + "X: a\x00b\r\n\r\n",
		"a negative length":     post + "Content-Length: -1\r\n\r\n",
		"two lengths":           post + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
	}
}

// refusesMalformed: what is not HTTP gets a 4xx, or 505 where a version is looked for, and the service lives on.
func refusesMalformed(ctx context.Context, s subject) error {
	for name, text := range s.malformed() {
		got, err := raw(ctx, s, http.MethodGet, text)
		if err != nil {
			return fmt.Errorf("%s: expected 4xx: %w", name, err)
		}
		if (got.status < 400 || got.status > 499) && got.status != http.StatusHTTPVersionNotSupported {
			return fmt.Errorf("%s: expected 4xx, got %d", name, got.status)
		}
	}
	// A client that closes in the middle of a request gets no answer and does no harm.
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
	path, large := s.works().Path, strings.Repeat("x", oversize)
	get := s.head(http.MethodGet, path)
	for name, text := range map[string]string{
		"a large target": s.head(http.MethodGet, path+"?"+large) + "\r\n",
		"a large header": get + "X: " + large + "\r\n\r\n",
		"many headers":   get + strings.Repeat("X: y\r\n", oversize/6) + "\r\n",
	} {
		err := atOnce(oversizedAtOnce, func(int) error {
			got, err := rawWithin(ctx, s, s.pace.bound(oversizedWithin), http.MethodGet, text)
			if errors.Is(err, errSilent) || gone(err) { // it closed, maybe while its answer was on the way
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
	// Few bytes at a time, so that the whole takes two seconds; services allow at least four.
	slowPieces = 20
	slowPause  = 100 * time.Millisecond
	// meanwhile is how long another client may wait. On a busy machine, where the slow clients take longer than they should,
	// it may wait for three quarters of the time that they take.
	meanwhile = 1500 * time.Millisecond
)

// servesBesideSlowClients: a client that sends a few bytes at a time gets its answer, and others get theirs without waiting for it.
func servesBesideSlowClients(ctx context.Context, s subject) error {
	return s.pace.unlessSlow(func() error { return servesBesideSlowClientsOnce(ctx, s) })
}

func servesBesideSlowClientsOnce(ctx context.Context, s subject) error {
	text := s.head(http.MethodGet, s.works().Path) + "Connection: close\r\n\r\n"
	clients := slowClients
	if s.pace == emulated {
		clients = slowEmulated
	}
	sent := make([]time.Duration, clients) // how long each took
	longest, err := longestMeanwhile(ctx, s, func() error {
		return atOnce(clients, func(i int) error {
			c, err := dial(ctx, s, 2*slowPieces*slowPause+s.pace.bound(patience))
			if err != nil {
				return err
			}
			defer c.Close()
			begin := time.Now()
			err = sendInPieces(c, text)
			sent[i] = time.Since(begin)
			if err == nil {
				err = s.expectOK(c.answer(http.MethodGet))
			}
			if err != nil && sent[i] > 2*slowPieces*slowPause { // the machine was busy, and the client slower than services allow
				return tooSlowError(fmt.Sprintf("a slow client needed %s, and then: %v", sent[i].Round(time.Millisecond), err))
			}
			if err != nil {
				return fmt.Errorf("a slow client: %w", err)
			}
			return nil
		})
	})
	if err != nil {
		return fmt.Errorf("next to %d slow clients: %w", clients, err)
	}
	return s.inTime(longest, slices.Min(sent), fmt.Sprintf("%d slow clients", clients))
}

func sendInPieces(w io.Writer, text string) error {
	piece := max(1, len(text)/slowPieces)
	for rest := text; rest != ""; rest = rest[min(piece, len(rest)):] {
		if _, err := io.WriteString(w, rest[:min(piece, len(rest))]); err != nil {
			return fmt.Errorf("cut off %d bytes before its end: %w", len(rest), err)
		}
		time.Sleep(slowPause)
	}
	return nil
}

// longestMeanwhile asks a service for answers until slow returns, and gives the time that the longest took.
func longestMeanwhile(ctx context.Context, s subject, slow func() error) (longest time.Duration, err error) {
	done := make(chan error, 1)
	go func() { done <- slow() }()
	for {
		select {
		case err := <-done:
			return longest, err
		case <-time.After(slowPause):
			before := time.Now()
			if err := serves(ctx, s); err != nil {
				return longest, errors.Join(err, <-done)
			}
			longest = max(longest, time.Since(before))
		}
	}
}

// inTime judges the longest answer next to slow clients, the quickest of which took the given time.
func (s subject) inTime(longest, quickest time.Duration, clients string) error {
	if limit := max(s.pace.bound(meanwhile), quickest*3/4); longest > limit {
		return tooSlowError(fmt.Sprintf("next to %s: answered after %s; %s are allowed",
			clients, longest.Round(time.Millisecond), limit.Round(time.Millisecond)))
	}
	return nil
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
