package integration

import (
	"bytes"
	"cmp"
	"context"
	"fmt"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/httpcheck"
)

// upload is a request in flight: the service has its header, and waits for the second half of its body. Only a service that
// declares a check with a body takes one; elsewhere a request is over before anything could happen to it.
type upload struct {
	*connection
	check catalog.Check
}

type uploads []upload

// beginUploads sends all but half of the body of each declared check that has one.
func beginUploads(ctx context.Context, s subject) (uploads, error) {
	var begun uploads
	for _, check := range s.service.Checks {
		if len(check.Body) < 2 {
			continue
		}
		var head bytes.Buffer
		header := httpcheck.Header(check)
		host := cmp.Or(header.Get("Host"), loopback.String())
		header.Del("Host")
		fmt.Fprintf(&head, "%s %s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n", check.Method, check.Path, host, len(check.Body))
		if err := header.Write(&head); err != nil {
			return begun, err
		}
		fmt.Fprintf(&head, "\r\n%s", check.Body[:len(check.Body)/2])
		c, err := begin(ctx, s, head.String())
		if err != nil {
			return begun, err
		}
		begun = append(begun, upload{connection: c, check: check})
	}
	return begun, nil
}

// finish sends the rest of each, and expects the answer that the check declares.
func (u uploads) finish() error {
	for _, begun := range u {
		if _, err := begun.Write(begun.check.Body[len(begun.check.Body)/2:]); err != nil && !gone(err) {
			return err
		}
		got, err := begun.answer(begun.check.Method)
		if err == nil && got.status != begun.check.Expect.Status {
			err = fmt.Errorf("expected %d, got %d", begun.check.Expect.Status, got.status)
		}
		if err != nil {
			return fmt.Errorf("check %q: %s %s: %w", begun.check.Name, begun.check.Method, begun.check.Path, err)
		}
	}
	return nil
}

func (u uploads) close() {
	for _, begun := range u {
		begun.Close()
	}
}
