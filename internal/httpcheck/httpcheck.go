// Package httpcheck asks a running service what its service.yaml declares, and tells how the answers differ.
package httpcheck

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"time"

	"example.com/stagecraft/internal/catalog"
)

const (
	// askTimeout is for one request. It is long because an emulated service on a busy machine may need seconds.
	askTimeout = 30 * time.Second
	// maxBody is the largest answer that is read.
	maxBody = 8 << 20
	// MaxShown is how much of a body an error message repeats.
	MaxShown = 200
)

// Client sends exactly what a check says and reports exactly what came back: no proxy, no redirect, no decompression.
var Client = &http.Client{
	Timeout:   askTimeout,
	Transport: &http.Transport{DisableCompression: true, DisableKeepAlives: true},
	CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	},
}

// Check performs a declared check on the service at baseURL. Its error names the check and the request, and for each thing
// that differs what was expected and what came.
func Check(ctx context.Context, baseURL string, check catalog.Check) error {
	failed := func(format string, args ...any) error {
		return fmt.Errorf("check %q: %s %s: "+format, append([]any{check.Name, check.Method, check.Path}, args...)...)
	}
	request, err := http.NewRequestWithContext(ctx, check.Method, baseURL+check.Path, bytes.NewReader(check.Body))
	if err != nil {
		return failed("making the request: %w", err)
	}
	request.Header = Header(check)
	if host := request.Header.Get("Host"); host != "" {
		request.Host = host
	}
	response, err := Client.Do(request)
	if err != nil {
		return failed("no answer: %w", err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBody))
	if err != nil {
		return failed("status %d, then the body broke off after %d bytes: %w", response.StatusCode, len(body), err)
	}
	differences := Differences(check.Expect, response.StatusCode, response.Header, body)
	if len(differences) == 0 {
		return nil
	}
	return failed("%s; the body was %s", strings.Join(differences, "; "), Shorten(body))
}

// Header is the header of a check's request: what it declares. With json: in service.yaml comes a media type among that.
func Header(check catalog.Check) http.Header {
	header := http.Header{}
	for name, value := range check.Headers {
		header.Set(name, value)
	}
	return header
}

// Differences lists how an answer differs from what was expected.
func Differences(expect catalog.Expect, status int, header http.Header, body []byte) []string {
	var found []string
	differs := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }

	if expect.Status != 0 && status != expect.Status {
		differs("status: expected %d, got %d", expect.Status, status)
	}
	for _, name := range sortedKeys(expect.Headers) {
		pattern, values := expect.Headers[name], header.Values(name)
		switch ok, err := matches(pattern, strings.Join(values, ", ")); {
		case err != nil:
			differs("header %s: %v", name, err)
		case len(values) == 0:
			differs("header %s: expected a match of %s, got no such header", name, pattern)
		case !ok:
			differs("header %s: expected a match of %s, got %q", name, pattern, strings.Join(values, ", "))
		}
	}
	if expect.Body != nil && string(body) != *expect.Body {
		differs("body: expected exactly %s, got %s", Shorten([]byte(*expect.Body)), Shorten(body))
	}
	if expect.Matches != "" {
		switch ok, err := matches(expect.Matches, string(body)); {
		case err != nil:
			differs("matches: %v", err)
		case !ok:
			differs("body: expected a match of %s", expect.Matches)
		}
	}
	if expect.JSON != nil {
		if difference := compareJSON(expect.JSON, body); difference != "" {
			differs("json: %s", difference)
		}
	}
	return found
}

func matches(pattern, value string) (bool, error) {
	expression, err := regexp.Compile(pattern)
	if err != nil {
		return false, fmt.Errorf("not a regular expression: %w", err)
	}
	return expression.MatchString(value), nil
}

// Shorten quotes a body so that it fits into one line of a message.
func Shorten(body []byte) string {
	if len(body) == 0 {
		return "empty"
	}
	if len(body) <= MaxShown {
		return fmt.Sprintf("%q", body)
	}
	return fmt.Sprintf("%q and %d bytes more", body[:MaxShown], len(body)-MaxShown)
}
