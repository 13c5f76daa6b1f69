package integration

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
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

// get and its like send one request on a connection of its own, exactly as given.
func get(ctx context.Context, s subject, path string) (answer, error) {
	return request(ctx, s, http.MethodGet, path)
}

func request(ctx context.Context, s subject, method, path string) (answer, error) {
	got, err := raw(ctx, s, method, fmt.Sprintf("%s %s HTTP/1.1\r\nHost: stagecraft\r\nConnection: close\r\n\r\n", method, path))
	if err != nil {
		return answer{}, fmt.Errorf("%s %s: %w", method, path, err)
	}
	return got, nil
}

// answers404: a path that does not exist is 404.
func answers404(ctx context.Context, s subject) error {
	for _, path := range []string{"/no-such-path", "/no/such/path?q=1", s.Service.Health.Live + "/below"} {
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

// answers405: a method that a path does not have is 405, and Allow tells which it has.
func answers405(ctx context.Context, s subject) error {
	for _, path := range []string{"/", s.Service.Health.Live, s.Service.Health.Ready} {
		for _, method := range []string{http.MethodDelete, http.MethodPost} {
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

// answersHEAD: HEAD is GET without the body, its headers the same.
func answersHEAD(ctx context.Context, s subject) error {
	for _, path := range []string{"/", s.Service.Health.Live} {
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
		got, err := connection.ask(http.MethodGet, "/")
		switch {
		case errors.Is(err, errSilent) && i > 0:
			return fmt.Errorf("request %d on a connection: the service closed it after the one before", i+1)
		case err != nil:
			return fmt.Errorf("request %d on a connection: %w", i+1, err)
		case got.status != http.StatusOK:
			return fmt.Errorf("request %d on a connection: GET /: expected 200, got %d", i+1, got.status)
		}
	}
	return nil
}

// serves tells whether the service still does its work.
func serves(ctx context.Context, s subject) error {
	got, err := get(ctx, s, "/")
	if err != nil {
		return err
	}
	if got.status != http.StatusOK {
		return fmt.Errorf("GET /: expected 200, got %d", got.status)
	}
	return nil
}
