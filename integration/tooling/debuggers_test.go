package tooling

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// debuggers are the ports that debug stages open: whoever attaches there must be answered in the debugger's own words.
var debuggers = map[string]func(ctx context.Context, addr string) error{
	"2345": delve,
	"5678": debugpy,
	"9229": inspector,
}

// delve asks for the version. Source: https://github.com/go-delve/delve/tree/master/Documentation/api
func delve(ctx context.Context, addr string) error {
	c, err := talk(ctx, addr, `{"method":"RPCServer.GetVersion","params":[{}],"id":1}`)
	if err != nil {
		return err
	}
	defer c.Close()
	var answer struct {
		Result struct{ DelveVersion string } `json:"result"`
		Error  any                           `json:"error"`
	}
	if err := json.NewDecoder(c).Decode(&answer); err != nil {
		return fmt.Errorf("delve: no JSON-RPC: %w", err)
	}
	if answer.Error != nil || answer.Result.DelveVersion == "" {
		return fmt.Errorf("delve: asked for its version, it says %+v", answer)
	}
	return nil
}

// debugpy begins a session. Source: https://microsoft.github.io/debug-adapter-protocol/specification
func debugpy(ctx context.Context, addr string) error {
	const hello = `{"seq":1,"type":"request","command":"initialize","arguments":{"adapterID":"stagecraft"}}`
	c, err := talk(ctx, addr, fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(hello), hello))
	if err != nil {
		return err
	}
	defer c.Close()
	reader := bufio.NewReader(c)
	for { // events may come before the answer
		header, err := reader.ReadString('\n')
		if err != nil {
			return fmt.Errorf("debugpy: no message of the debug adapter protocol: %w", err)
		}
		length, err := strconv.Atoi(strings.TrimSpace(strings.TrimPrefix(header, "Content-Length: ")))
		if err != nil {
			return fmt.Errorf("debugpy: no message of the debug adapter protocol: %q", header)
		}
		var message struct {
			Type, Command string
			Success       bool
		}
		body := io.LimitReader(reader, int64(length)+2) // with the empty line before it
		if err := json.NewDecoder(body).Decode(&message); err != nil {
			return fmt.Errorf("debugpy: no message of the debug adapter protocol: %w", err)
		}
		if _, err := io.Copy(io.Discard, body); err != nil {
			return err
		}
		if message.Type == "response" && message.Command == "initialize" {
			if !message.Success {
				return errors.New("debugpy: it refuses to begin a session")
			}
			return nil
		}
	}
}

// inspector finds a program to attach to.
func inspector(ctx context.Context, addr string) error {
	_, err := inspected(ctx, addr)
	return err
}

// inspected is where to attach to the service. Source: https://nodejs.org/en/learn/getting-started/debugging
func inspected(ctx context.Context, addr string) (target string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/json/list", http.NoBody)
	if err != nil {
		return "", err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", fmt.Errorf("inspector: %w", err)
	}
	defer answer.Body.Close()
	var targets []struct {
		WebSocketDebuggerURL string `json:"webSocketDebuggerUrl"`
		URL                  string `json:"url"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&targets); err != nil {
		return "", fmt.Errorf("inspector: no list of targets: %w", err)
	}
	for _, target := range targets {
		if target.WebSocketDebuggerURL != "" && strings.HasSuffix(target.URL, ".ts") {
			return target.WebSocketDebuggerURL, nil
		}
	}
	return "", fmt.Errorf("inspector: no program to attach to among %+v", targets)
}

// talk sends a first message.
func talk(ctx context.Context, addr, message string) (net.Conn, error) {
	c, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	if _, err := io.WriteString(c, message); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// A web server is none of the debuggers.
func TestDebuggersAreTold(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = io.WriteString(c, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
			_ = c.Close()
		}
	}()
	for port, probe := range debuggers {
		if err := probe(t.Context(), listener.Addr().String()); err == nil {
			t.Errorf("the probe of port %s takes a web server for its debugger", port)
		}
	}
}
