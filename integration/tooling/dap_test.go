package tooling

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/websocket"
)

// debug stops the service at the greeting, in the way of the configuration's extension, and lets it answer then.
func (s *session) debug() {
	s.t.Helper()
	switch s.config.Type {
	case "go":
		s.adapter("2345", s.config.Port, map[string]any{"mode": s.config.Mode, "substitutePath": s.mapped(s.config.SubstitutePath, "from")})
	case "debugpy":
		s.adapter("5678", s.config.Connect.Port, map[string]any{"pathMappings": s.mapped(s.config.PathMappings, "localRoot")})
	case "node":
		s.inspector()
	case "cppdbg":
		s.gdb()
	default:
		s.t.Fatalf("it is not known what an extension does with the type %s", s.config.Type)
	}
}

func (s *session) mapped(pairs []map[string]string, key string) []map[string]string {
	for _, pair := range pairs {
		pair[key] = s.local(pair[key])
	}
	return pairs
}

func (s *session) servicePort() string {
	return map[string]string{"hello-c": "8080", "hello-go": "8080", "hello-node": "3000", "hello-python": "5000"}[s.config.Name]
}

// adapter speaks the debug adapter protocol, as VS Code does with the extensions for Go and Python, whose debuggers speak it too.
// Source: https://microsoft.github.io/debug-adapter-protocol/specification
func (s *session) adapter(port string, configured int, attach map[string]any) {
	s.t.Helper()
	if port != strconv.Itoa(configured) {
		s.t.Fatalf("the configuration attaches to port %d, and the debugger listens on %s", configured, port)
	}
	if got := <-s.visit(s.servicePort()); got != 200 { // delve may hang when a client attaches just while --continue starts the program
		s.t.Errorf("GET / before that: %d", got)
	}
	c, err := net.Dial("tcp", s.address(port))
	mustNot(s.t, err)
	defer c.Close()
	mustNot(s.t, c.SetDeadline(time.Now().Add(12*patience)))
	a := &adapter{stream: c, reader: bufio.NewReader(c)}
	attach["request"] = "attach"
	mustNot(s.t,
		a.send("initialize", map[string]any{"adapterID": s.config.Type, "pathFormat": "path", "linesStartAt1": true}),
		a.until("response", "initialize"),
		a.send("attach", attach),
		a.until("event", "initialized"),
		a.send("setBreakpoints", map[string]any{
			"source": map[string]any{"path": s.file}, "breakpoints": []map[string]any{{"line": s.line}},
		}),
		a.until("response", "setBreakpoints"),
		a.send("configurationDone", map[string]any{}),
		a.until("response", "configurationDone"),
	)
	status := s.visit(s.servicePort())
	mustNot(s.t, a.until("event", "stopped"))
	thread := a.last.Body.ThreadID
	mustNot(s.t, a.send("stackTrace", map[string]any{"threadId": thread}), a.until("response", "stackTrace"))
	if len(a.last.Body.StackFrames) == 0 || a.last.Body.StackFrames[0].Source.Path != s.file || a.last.Body.StackFrames[0].Line != s.line {
		s.t.Errorf("it stopped at %+v, want %s:%d", a.last.Body.StackFrames, s.file, s.line)
	}
	mustNot(s.t, a.send("continue", map[string]any{"threadId": thread}))
	if got := <-status; got != 200 {
		s.t.Errorf("GET / after that: %d", got)
	}
}

// adapter is a connection to a debug adapter.
type adapter struct {
	stream io.Writer
	reader *bufio.Reader
	seq    int
	last   message
}

type message struct {
	Type, Command, Event, Message string
	Success                       bool
	Body                          struct {
		ThreadID    int
		StackFrames []struct {
			Line   int
			Source struct{ Path string }
		}
	}
}

func (a *adapter) send(command string, arguments map[string]any) error {
	a.seq++
	body, err := json.Marshal(map[string]any{"seq": a.seq, "type": "request", "command": command, "arguments": arguments})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.stream, "Content-Length: %d\r\n\r\n%s", len(body), body)
	return err
}

// until reads to an event or a response of that name. A response may be a refusal.
func (a *adapter) until(kind, name string) error {
	for {
		header, err := a.reader.ReadString('\n')
		if err != nil {
			return fmt.Errorf("wait for the %s %s: %w", kind, name, err)
		}
		length, err := strconv.Atoi(strings.TrimSpace(strings.TrimPrefix(header, "Content-Length: ")))
		if err != nil {
			return fmt.Errorf("no header of the debug adapter protocol: %q", header)
		}
		body := make([]byte, length+len("\r\n"))
		if _, err := io.ReadFull(a.reader, body); err != nil {
			return err
		}
		a.last = message{}
		if err := json.Unmarshal(body, &a.last); err != nil {
			return err
		}
		if a.last.Type == "response" && !a.last.Success {
			return fmt.Errorf("%s is refused: %s", a.last.Command, body)
		}
		if a.last.Type == kind && name == map[string]string{"event": a.last.Event, "response": a.last.Command}[kind] {
			return nil
		}
	}
}

// inspector speaks the protocol of Node.js. Source: https://chromedevtools.github.io/devtools-protocol/v8/Debugger/
func (s *session) inspector() {
	s.t.Helper()
	if s.config.Port != 9229 {
		s.t.Fatalf("the configuration attaches to port %d", s.config.Port)
	}
	address := s.address("9229")
	target, err := inspected(s.t.Context(), address)
	mustNot(s.t, err)
	c, err := websocket.Dial(target, "", "http://"+address)
	mustNot(s.t, err)
	defer c.Close()
	mustNot(s.t, c.SetDeadline(time.Now().Add(12*patience)))
	until := func(method string, id int) (found struct {
		ID     int
		Method string
		Error  any
		Params struct{ HitBreakpoints []string }
	},
	) {
		for {
			mustNot(s.t, websocket.JSON.Receive(c, &found))
			if found.Error != nil {
				s.t.Fatal(found.Error)
			}
			if found.Method == method && found.ID == id {
				return found
			}
			found.Method, found.ID = "", 0
		}
	}
	remote := "file://" + strings.Replace(s.file, s.local(s.config.LocalRoot), s.config.RemoteRoot, 1)
	mustNot(s.t, websocket.JSON.Send(c, map[string]any{"id": 1, "method": "Debugger.enable"}))
	until("", 1)
	mustNot(s.t, websocket.JSON.Send(c, map[string]any{"id": 2, "method": "Debugger.setBreakpointByUrl", "params": map[string]any{
		"lineNumber": s.line - 1, "columnNumber": strings.Index(strings.Split(string(read(s.t, s.file)), "\n")[s.line-1], "({ message"), "url": remote,
	}}))
	until("", 2) // it counts as soon as the file is loaded
	status := s.visit(s.servicePort())
	if paused := until("Debugger.paused", 0); len(paused.Params.HitBreakpoints) == 0 {
		s.t.Error("it paused, and not at the breakpoint")
	}
	mustNot(s.t, websocket.JSON.Send(c, map[string]any{"id": 3, "method": "Debugger.resume"}))
	if got := <-status; got != 200 {
		s.t.Errorf("GET / after that: %d", got)
	}
}

// gdb speaks the machine interface through the configuration's pipe.
// Source: https://sourceware.org/gdb/current/onlinedocs/gdb.html/GDB_002fMI.html
func (s *session) gdb() {
	s.t.Helper()
	pipe := s.config.PipeTransport
	c := exec.CommandContext(s.t.Context(), pipe.PipeProgram, append(s.own(pipe.PipeArgs), pipe.DebuggerPath+" --interpreter=mi")...)
	c.Env = s.lab.engine.Env()
	input, err := c.StdinPipe()
	mustNot(s.t, err)
	output, err := c.StdoutPipe()
	mustNot(s.t, err)
	mustNot(s.t, c.Start())
	defer func() {
		_, _ = io.WriteString(input, "-gdb-exit\n")
		_, _ = io.Copy(io.Discard, output)
		if err := c.Wait(); err != nil {
			s.t.Error(err)
		}
	}()
	lines := bufio.NewScanner(output)
	until := func(words ...string) error {
		for lines.Scan() {
			for _, word := range words {
				if strings.Contains(lines.Text(), word) {
					return nil
				}
			}
			if strings.HasPrefix(lines.Text(), "^error") {
				return errors.New(lines.Text())
			}
		}
		return fmt.Errorf("gdb ended before %s: %w", words, errors.Join(lines.Err(), context.Cause(s.t.Context())))
	}
	remote := s.file
	for there, here := range s.config.SourceFileMap {
		remote = strings.Replace(remote, s.local(here), there, 1)
	}
	do := func(command string, words ...string) {
		s.t.Helper()
		_, err := io.WriteString(input, command+"\n")
		mustNot(s.t, err, until(words...))
	}
	do("-file-exec-and-symbols "+s.config.Program, "^done")
	do("-environment-cd "+s.config.Cwd, "^done")
	do("-gdb-set mi-async on", "^done")
	do(fmt.Sprintf("-break-insert %s:%d", remote, s.line), "^done,bkpt")
	do("-exec-run", `"listening"`, `\"listening\"`)
	status := s.visit(s.servicePort())
	mustNot(s.t, until("breakpoint-hit"))
	do("-exec-continue", "^running")
	if got := <-status; got != 200 {
		s.t.Errorf("GET / after that: %d", got)
	}
	do("-exec-interrupt", "*stopped")
}
