package tooling

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

// debuggers are the ports that debug stages open: whoever attaches there must be answered in the debugger's own words.
var debuggers = map[string]func(ctx context.Context, addr string) error{
	"2345": delve,
	"5678": debugpy,
	"9229": inspector,
}

// delve asks for the version. Source: https://github.com/go-delve/delve/tree/master/Documentation/api
func delve(ctx context.Context, addr string) error {
	c, err := dial(ctx, addr)
	if err != nil {
		return err
	}
	defer c.Close()
	if _, err := io.WriteString(c, `{"method":"RPCServer.GetVersion","params":[{}],"id":1}`); err != nil {
		return err
	}
	var answer struct {
		Result struct{ DelveVersion string } `json:"result"`
		Error  any                           `json:"error"`
	}
	if err := json.NewDecoder(c).Decode(&answer); err != nil {
		return fmt.Errorf("delve: no JSON-RPC: %w", err)
	}
	if answer.Error != nil || answer.Result.DelveVersion == "" {
		return fmt.Errorf("delve: asked for its version, it answered %+v", answer)
	}
	return nil
}

// debugpy begins a session.
func debugpy(ctx context.Context, addr string) error {
	a, err := dialAdapter(ctx, addr)
	if err != nil {
		return err
	}
	defer a.Close()
	return a.call("initialize", map[string]any{"adapterID": "stagecraft"})
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

// Negative control: a web server is not a debugger.
func TestDebuggers(t *testing.T) {
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
