package tooling

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

// adapter is a connection to a program that speaks the debug adapter protocol.
// Source: https://microsoft.github.io/debug-adapter-protocol/specification
type adapter struct {
	net.Conn
	reader *bufio.Reader
	seq    int
	last   message // read
}

type message struct {
	Type, Command, Event string
	Success              bool
	Body                 struct {
		ThreadID    int
		StackFrames []struct {
			Line   int
			Source struct{ Path string }
		}
	}
}

func dialAdapter(ctx context.Context, address string) (*adapter, error) {
	c, err := dial(ctx, address)
	return &adapter{Conn: c, reader: bufio.NewReader(c)}, err
}

// request sends a request.
func (a *adapter) request(command string, arguments map[string]any) error {
	a.seq++
	body, err := json.Marshal(map[string]any{"seq": a.seq, "type": "request", "command": command, "arguments": arguments})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(a, "Content-Length: %d\r\n\r\n%s", len(body), body)
	return err
}

// call sends a request and waits for its response.
func (a *adapter) call(command string, arguments map[string]any) error {
	if err := a.request(command, arguments); err != nil {
		return err
	}
	return a.until("response", command)
}

// until reads to an event or a response of that name. A request that is refused ends it with an error.
func (a *adapter) until(kind, name string) error {
	for {
		if err := a.read(); err != nil {
			return fmt.Errorf("wait for the %s %s: %w", kind, name, err)
		}
		if a.last.Type == "response" && !a.last.Success {
			return fmt.Errorf("%s is refused", a.last.Command)
		}
		if a.last.Type == kind && (a.last.Event == name || a.last.Command == name) {
			return nil
		}
	}
}

func (a *adapter) read() error {
	header, err := a.reader.ReadString('\n')
	if err != nil {
		return err
	}
	length, err := strconv.Atoi(strings.TrimSpace(strings.TrimPrefix(header, "Content-Length: ")))
	if err != nil {
		return fmt.Errorf("not the debug adapter protocol: %q", header)
	}
	body := make([]byte, len("\r\n")+length)
	if _, err := io.ReadFull(a.reader, body); err != nil {
		return err
	}
	a.last = message{}
	return json.Unmarshal(body, &a.last)
}

// dial connects to a debugger, for as long as a session of a test may take.
func dial(ctx context.Context, address string) (net.Conn, error) {
	c, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	return c, c.SetDeadline(time.Now().Add(12 * patience))
}
