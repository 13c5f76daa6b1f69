package integration

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"example.com/stagecraft/internal/catalog"
)

// patience is for one answer of a service that is not under strain, at its own platform's pace.
const patience = 10 * time.Second

// answer is a complete answer, its body read.
type answer struct {
	status int
	header http.Header
	body   string
	last   bool // the service closes the connection after it
}

// head is a request as text, up to where more headers may follow. It has the headers of the request that stands for "the
// service works": a service may answer nobody without them.
func (t target) head(method, path string) string {
	host, more := loopback.String(), ""
	for name, value := range t.works().Headers {
		if strings.EqualFold(name, "Host") {
			host = value
		} else {
			more += name + ": " + value + "\r\n"
		}
	}
	return fmt.Sprintf("%s %s HTTP/1.1\r\nHost: %s\r\n%s", method, path, host, more)
}

// get and its like send one request on a connection of its own, exactly as given.
func get(ctx context.Context, s subject, path string) (answer, error) {
	return request(ctx, s, http.MethodGet, path)
}

func request(ctx context.Context, s subject, method, path string) (answer, error) {
	got, err := raw(ctx, s, method, s.head(method, path)+"Connection: close\r\n\r\n")
	if err != nil {
		return answer{}, fmt.Errorf("%s %s: %w", method, path, err)
	}
	return got, nil
}

// answers404: a path that does not exist is 404.
func answers404(ctx context.Context, s subject) error {
	for _, path := range []string{"/no-such-path", "/no/such/path?q=1", strings.TrimSuffix(s.service.Health.Live, "/") + "/no-such-path"} {
		got, err := get(ctx, s, path)
		if err != nil {
			return err
		}
		if got.status != http.StatusNotFound {
			return fmt.Errorf("GET %s: expected 404, got %d", path, got.status)
		}
	}
	return nil
}

// answers405: a method that a path does not have is 405, and Allow lists those that it has.
func answers405(ctx context.Context, s subject) error {
	for _, path := range []string{s.works().Path, s.service.Health.Live, s.service.Health.Ready} {
		for _, method := range []string{http.MethodDelete, http.MethodPost} {
			if s.declares(method, path) {
				continue
			}
			got, err := request(ctx, s, method, path)
			if err != nil {
				return err
			}
			if got.status != http.StatusMethodNotAllowed {
				return fmt.Errorf("%s %s: expected 405, got %d", method, path, got.status)
			}
			allow := strings.Split(strings.Join(got.header.Values("Allow"), ","), ",")
			if !slices.ContainsFunc(allow, func(m string) bool { return strings.TrimSpace(m) == http.MethodGet }) {
				return fmt.Errorf("%s %s: expected GET in Allow, got %q", method, path, got.header.Values("Allow"))
			}
		}
	}
	return nil
}

// declares reports whether service.yaml has a check of a method and path that succeeds.
func (t target) declares(method, path string) bool {
	return slices.ContainsFunc(t.service.Checks, func(c catalog.Check) bool {
		return c.Method == method && c.Path == path && c.Expect.Status != http.StatusMethodNotAllowed
	})
}

// answersHEAD: HEAD is GET without the body, its headers the same.
func answersHEAD(ctx context.Context, s subject) error {
	for _, path := range []string{s.works().Path, s.service.Health.Live} {
		whole, err := get(ctx, s, path)
		if err != nil {
			return err
		}
		head, err := request(ctx, s, http.MethodHead, path)
		if err != nil {
			return err
		}
		if head.status != whole.status {
			return fmt.Errorf("HEAD %s: expected %d as for GET, got %d", path, whole.status, head.status)
		}
		for _, name := range []string{"Content-Type", "Content-Length"} {
			// RFC 9110, 9.3.2: a server may leave out what it would learn only while making the body.
			if value := head.header.Get(name); value != whole.header.Get(name) && (value != "" || name == "Content-Type") {
				return fmt.Errorf("HEAD %s: expected %s %q as for GET, got %q", path, name, whole.header.Get(name), value)
			}
		}
		if head.body != "" {
			return fmt.Errorf("HEAD %s: a body of %d bytes follows", path, len(head.body))
		}
	}
	return nil
}

// keepsConnections: a connection serves one request after the other.
func keepsConnections(ctx context.Context, s subject) error {
	connection, err := dial(ctx, s, s.pace.bound(patience))
	if err != nil {
		return err
	}
	defer connection.Close()
	for i := range 3 {
		got, err := connection.ask(s)
		switch {
		case errors.Is(err, errSilent) && i > 0:
			return fmt.Errorf("request %d on a connection: the service closed it after the one before", i+1)
		case err != nil:
			return fmt.Errorf("request %d on a connection: %w", i+1, err)
		case got.status != http.StatusOK:
			return fmt.Errorf("request %d on a connection: GET %s: expected 200, got %d", i+1, s.works().Path, got.status)
		}
	}
	return nil
}

// serves reports whether the service still works.
func serves(ctx context.Context, s subject) error {
	got, err := get(ctx, s, s.works().Path)
	return s.expectOK(got, err)
}

// expectOK expects the answer to the request that stands for "the service works".
func (t target) expectOK(got answer, err error) error {
	if err == nil && got.status != http.StatusOK {
		err = fmt.Errorf("GET %s: expected 200, got %d", t.works().Path, got.status)
	}
	return err
}
