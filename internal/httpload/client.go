package httpload

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http/httputil"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"
)

// maxBody is the largest answer that is read.
const maxBody = 8 << 20

// client is one connection, made again when the server closes it.
type client struct {
	job      Job
	connects *atomic.Int64

	conn   net.Conn
	stop   func() bool // of the watch over ctx
	reader *bufio.Reader
	body   []byte // of the last answer
	last   bool   // the server closes the connection after that answer

	accepted       []byte // the last answer that was found right
	acceptedStatus int
}

// ask sends the request and reads the answer. RFC 9112, 9.3.1: a connection that has been used may be closed just when a
// request is sent; it is sent again, and the answer takes as long as both.
func (c *client) ask(ctx context.Context) error {
	used := c.conn != nil
	status, err := c.once(ctx)
	if used && errors.Is(err, errClosed) {
		c.hangUp()
		status, err = c.once(ctx)
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		return err
	}
	if status == c.acceptedStatus && bytes.Equal(c.body, c.accepted) {
		return nil
	}
	if err := c.job.Accept(status, c.body); err != nil {
		return fmt.Errorf("a wrong answer: %w", err)
	}
	c.acceptedStatus, c.accepted = status, append(c.accepted[:0], c.body...)
	return nil
}

// settle ends a connection after its last answer, once the server has: who closes first keeps the port for a minute, and
// a client that connects for each request would run out of ports.
func (c *client) settle() {
	if c.conn != nil && c.last {
		_, _ = c.reader.ReadByte() // the end, in one way or another
		c.hangUp()
	}
}

// errClosed is the error of a request on a connection that was closed before an answer began.
var errClosed = errors.New("the connection was closed without an answer")

func (c *client) once(ctx context.Context) (status int, err error) {
	if c.conn == nil {
		if err := c.dial(ctx); err != nil {
			return 0, err
		}
	}
	if _, err := c.conn.Write(c.job.Request); err != nil {
		return 0, closed(err)
	}
	if _, err := c.reader.Peek(1); err != nil {
		return 0, closed(err)
	}
	return c.read()
}

func (c *client) dial(ctx context.Context) error {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", c.job.Addr)
	if err != nil {
		return fmt.Errorf("connecting: %w", err)
	}
	c.connects.Add(1)
	c.conn, c.reader = conn, bufio.NewReader(conn)
	c.stop = context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	return nil
}

func (c *client) hangUp() {
	if c.conn != nil {
		c.stop()
		_ = c.conn.Close() // its answers are in
		c.conn = nil
	}
}

func closed(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) {
		return errClosed
	}
	return err
}

// read reads one answer.
func (c *client) read() (status int, err error) {
	line, err := c.reader.ReadSlice('\n')
	if err != nil || !bytes.HasPrefix(line, []byte("HTTP/1.")) || len(line) < len("HTTP/1.1 200\r\n") {
		return 0, fmt.Errorf("not an HTTP/1.1 response: %.60q", line)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, fmt.Errorf("not an HTTP/1.1 response: %.60q", line)
	}
	c.last = line[7] == '0'
	length, chunked := -1, false
	for {
		line, err := c.reader.ReadSlice('\n')
		if err != nil {
			return 0, fmt.Errorf("the header broke off: %w", err)
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break
		}
		switch {
		case is(line, "content-length"):
			if length, err = strconv.Atoi(string(value(line))); err != nil || length < 0 || length > maxBody {
				return 0, fmt.Errorf("a bad length: %.60q", line)
			}
		case is(line, "transfer-encoding"):
			chunked = bytes.EqualFold(value(line), []byte("chunked"))
		case is(line, "connection"):
			c.last = bytes.EqualFold(value(line), []byte("close"))
		}
	}
	switch {
	case chunked:
		return status, c.readChunked()
	case length < 0:
		return 0, fmt.Errorf("an answer %d without a length", status)
	}
	c.body = append(c.body[:0], make([]byte, length)...)
	if _, err := io.ReadFull(c.reader, c.body); err != nil {
		return 0, fmt.Errorf("the body broke off: %w", err)
	}
	return status, nil
}

func (c *client) readChunked() (err error) {
	if c.body, err = io.ReadAll(io.LimitReader(httputil.NewChunkedReader(c.reader), maxBody)); err != nil {
		return fmt.Errorf("the body broke off: %w", err)
	}
	// The reader stops before the empty line that ends the trailers, of which there are none.
	if line, err := c.reader.ReadSlice('\n'); err != nil || len(bytes.TrimRight(line, "\r\n")) > 0 {
		return fmt.Errorf("the body has no end: %.60q", line)
	}
	return nil
}

// is reports whether a line is the header of that name, which is in lower case.
func is(line []byte, name string) bool {
	return len(line) > len(name) && line[len(name)] == ':' && bytes.EqualFold(line[:len(name)], []byte(name))
}

func value(line []byte) []byte {
	return bytes.TrimSpace(line[bytes.IndexByte(line, ':')+1:])
}
