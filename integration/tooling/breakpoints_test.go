package tooling

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/websocket"
)

// debug stops the service at the greeting, as the configuration's extension would, and then lets it answer.
func (s *session) debug() {
	s.t.Helper()
	switch s.config.Type {
	case "go":
		s.adapter(s.config.Port, map[string]any{"mode": s.config.Mode, "substitutePath": s.mapped(s.config.SubstitutePath, "from")})
	case "debugpy":
		s.adapter(s.config.Connect.Port, map[string]any{"pathMappings": s.mapped(s.config.PathMappings, "localRoot")})
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

// adapter debugs through a debug adapter, as the extensions for Go and Python do.
func (s *session) adapter(port int, attach map[string]any) {
	s.t.Helper()
	s.expectAnswer(s.visit()) // delve may hang when a client attaches just while --continue starts the program
	a, err := dialAdapter(s.t.Context(), s.address(port))
	mustNot(s.t, err)
	defer a.Close()
	attach["request"] = "attach"
	mustNot(s.t,
		a.call("initialize", map[string]any{"adapterID": s.config.Type, "pathFormat": "path", "linesStartAt1": true}),
		a.request("attach", attach),
		a.until("event", "initialized"),
		a.call("setBreakpoints", map[string]any{
			"source": map[string]any{"path": s.file}, "breakpoints": []map[string]any{{"line": s.line}},
		}),
		a.call("configurationDone", map[string]any{}),
	)
	status := s.visit()
	mustNot(s.t, a.until("event", "stopped"))
	thread := a.last.Body.ThreadID
	mustNot(s.t, a.call("stackTrace", map[string]any{"threadId": thread}))
	if at := a.last.Body.StackFrames; len(at) == 0 || at[0].Source.Path != s.file || at[0].Line != s.line {
		s.t.Errorf("it stopped at %+v, want %s:%d", at, s.file, s.line)
	}
	mustNot(s.t, a.request("continue", map[string]any{"threadId": thread}))
	s.expectAnswer(status)
}

// inspector speaks the protocol of Node.js. Source: https://chromedevtools.github.io/devtools-protocol/v8/Debugger/
func (s *session) inspector() {
	s.t.Helper()
	address := s.address(s.config.Port)
	target, err := inspected(s.t.Context(), address)
	mustNot(s.t, err)
	c, err := websocket.Dial(target, "", "http://"+address)
	mustNot(s.t, err)
	defer c.Close()
	mustNot(s.t, c.SetDeadline(time.Now().Add(12*patience)))
	type message struct {
		ID     int
		Method string
		Error  any
		Params struct{ HitBreakpoints []string }
	}
	until := func(wanted func(message) bool) message {
		for {
			var m message
			mustNot(s.t, websocket.JSON.Receive(c, &m))
			if m.Error != nil {
				s.t.Fatal(m.Error)
			}
			if wanted(m) {
				return m
			}
		}
	}
	id := 0
	call := func(method string, params map[string]any) {
		id++
		mustNot(s.t, websocket.JSON.Send(c, map[string]any{"id": id, "method": method, "params": params}))
		until(func(m message) bool { return m.ID == id })
	}
	text := strings.Split(string(read(s.t, s.file)), "\n")[s.line-1]
	call("Debugger.enable", map[string]any{})
	call("Debugger.setBreakpointByUrl", map[string]any{ // it counts as soon as the file is loaded
		"lineNumber": s.line - 1, "columnNumber": strings.Index(text, "({ message"),
		"url": "file://" + strings.Replace(s.file, s.local(s.config.LocalRoot), s.config.RemoteRoot, 1),
	})
	status := s.visit()
	if paused := until(func(m message) bool { return m.Method == "Debugger.paused" }); len(paused.Params.HitBreakpoints) == 0 {
		s.t.Error("it paused, and not at the breakpoint")
	}
	call("Debugger.resume", map[string]any{})
	s.expectAnswer(status)
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
			if slices.ContainsFunc(words, func(word string) bool { return strings.Contains(lines.Text(), word) }) {
				return nil
			}
			if strings.HasPrefix(lines.Text(), "^error") {
				return errors.New(lines.Text())
			}
		}
		return fmt.Errorf("gdb ended before %s: %w", words, errors.Join(lines.Err(), context.Cause(s.t.Context())))
	}
	do := func(command string, words ...string) {
		s.t.Helper()
		_, err := io.WriteString(input, command+"\n")
		mustNot(s.t, err, until(words...))
	}
	remote := s.file
	for there, here := range s.config.SourceFileMap {
		remote = strings.Replace(remote, s.local(here), there, 1)
	}
	do("-file-exec-and-symbols "+s.config.Program, "^done")
	do("-environment-cd "+s.config.Cwd, "^done")
	do("-gdb-set mi-async on", "^done")
	do("-break-insert "+remote+":"+strconv.Itoa(s.line), "^done,bkpt")
	do("-exec-run", `"listening"`, `\"listening\"`)
	status := s.visit()
	mustNot(s.t, until("breakpoint-hit"))
	do("-exec-continue", "^running")
	s.expectAnswer(status)
	do("-exec-interrupt", "*stopped")
}
