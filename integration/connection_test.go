package integration

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"syscall"
	"time"
)

// errRefused is the error of a connection that was not accepted; errSilent of one that was, and closed without an answer.
var (
	errRefused = errors.New("the connection was refused")
	errSilent  = errors.New("the connection was closed without an answer")
)

// connection speaks HTTP/1.1 as plainly as possible: what a client library would correct or refuse to send is sent.
type connection struct {
	net.Conn
	reader *bufio.Reader
}

// dial connects to the service; all that follows on the connection must happen within the given time.
func dial(ctx context.Context, s subject, within time.Duration) (*connection, error) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	c, err := new(net.Dialer).DialContext(ctx, "tcp", s.addr)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errRefused, err)
	}
	if err := c.SetDeadline(time.Now().Add(within)); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return &connection{Conn: c, reader: bufio.NewReader(c)}, nil
}

// ask sends the request that stands for "the service works" and reads the answer; the connection stays open.
func (c *connection) ask(s subject) (answer, error) {
	if _, err := io.WriteString(c, s.head(http.MethodGet, s.works().Path)+"\r\n"); err != nil && !gone(err) {
		return answer{}, err
	}
	return c.answer(http.MethodGet)
}

// answer reads one complete answer.
func (c *connection) answer(method string) (answer, error) {
	if _, err := c.reader.Peek(1); err != nil {
		if gone(err) {
			return answer{}, errSilent
		}
		return answer{}, fmt.Errorf("no answer: %w", err)
	}
	response, err := http.ReadResponse(c.reader, &http.Request{Method: method})
	if err != nil {
		return answer{}, fmt.Errorf("the answer broke off, or is not HTTP: %w", err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return answer{}, fmt.Errorf("the answer broke off after %d bytes of its body: %w", len(body), err)
	}
	return answer{status: response.StatusCode, header: response.Header, body: string(body), last: response.Close}, nil
}

// raw sends text on a connection of its own and reads the answer, with all that follows it until the service closes.
func raw(ctx context.Context, s subject, method, text string) (answer, error) {
	return rawWithin(ctx, s, s.pace.bound(patience), method, text)
}

func rawWithin(ctx context.Context, s subject, within time.Duration, method, text string) (answer, error) {
	c, err := dial(ctx, s, within)
	if err != nil {
		return answer{}, err
	}
	defer c.Close()
	// A service may refuse, and close, before everything was sent: the answer decides, not this error.
	if _, err := io.WriteString(c, text); err != nil && !gone(err) {
		return answer{}, err
	}
	got, err := c.answer(method)
	if err != nil || method != http.MethodHead {
		return got, err
	}
	rest, err := io.ReadAll(c.reader)
	if err != nil && !gone(err) {
		return answer{}, fmt.Errorf("the connection stays open after the answer: %w", err)
	}
	got.body = string(rest)
	return got, nil
}

// gone reports whether the other side has closed, orderly or not.
func gone(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNABORTED)
}
