package outdated

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	atOnce  = 8         // requests to one registry
	largest = 128 << 20 // bytes of an answer; packages with thousands of versions have many
)

// perRequest is how long one answer may take; tests have less of it.
var perRequest = 20 * time.Second

// errNone is the error of a package that a registry does not have.
var errNone = errors.New("the registry does not have it")

// each asks for all names, some at once. The first registry that cannot be asked ends it: the others would only wait longer.
func each(ctx context.Context, names []string, ask func(ctx context.Context, name string) (Versions, error)) (map[string]Versions, error) {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	versions := make([]Versions, len(names))
	for n, name := range names {
		group.Go(func() (err error) {
			versions[n], err = ask(ctx, name)
			if errors.Is(err, errNone) {
				return nil
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	found := map[string]Versions{}
	for n, name := range names {
		if versions[n].Latest != "" {
			found[name] = versions[n]
		}
	}
	return found, nil
}

// get opens what is at an address.
func get(ctx context.Context, address string, header http.Header) (io.ReadCloser, error) {
	ctx, cancel := context.WithTimeout(ctx, perRequest)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody) //nolint:gosec // the registry is of the user's choice
	if err != nil {
		cancel()
		return nil, err
	}
	request.Header = header
	answer, err := http.DefaultClient.Do(request) //nolint:bodyclose,gosec // closed by the caller; the registry is of the user's choice
	if err != nil {
		cancel()
		return nil, unreachable(request.URL, err)
	}
	body := struct {
		io.Reader
		io.Closer
	}{io.LimitReader(answer.Body, largest), closers{answer.Body, cancel}}
	switch answer.StatusCode {
	case http.StatusOK:
		return body, nil
	case http.StatusNotFound, http.StatusGone:
		body.Close()
		return nil, errNone
	default:
		body.Close()
		return nil, fmt.Errorf("%s answers %s to a request for %s", request.URL.Host, answer.Status, request.URL.Path)
	}
}

// unreachable says which server could not be reached, without what it was asked: an address may have a password.
func unreachable(address *url.URL, err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%s does not answer within %v", address.Host, perRequest)
	}
	var inner *url.Error
	if errors.As(err, &inner) {
		err = inner.Err
	}
	return fmt.Errorf("%s cannot be reached: %w", address.Host, err)
}

type closers struct {
	io.Closer
	cancel func()
}

func (c closers) Close() error {
	defer c.cancel()
	return c.Closer.Close()
}

// getJSON reads a document.
func getJSON(ctx context.Context, address string, header http.Header, into any) error {
	body, err := get(ctx, address, header)
	if err != nil {
		return err
	}
	defer body.Close()
	if err := json.NewDecoder(body).Decode(into); err != nil {
		at, _ := url.Parse(address)
		if errors.Is(err, context.DeadlineExceeded) {
			return unreachable(at, err)
		}
		return fmt.Errorf("%s answers a request for %s with something else than the JSON expected: %w", at.Host, at.Path, err)
	}
	return nil
}
