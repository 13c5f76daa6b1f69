package service

import (
	"bufio"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"time"
)

// observe logs each request, and turns a panic into a logged error and a 500. Health checks come every few seconds and say
// little: they are logged at debug level.
func observe(log *slog.Logger) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			start := time.Now()
			sent := &answer{ResponseWriter: w, head: r.Method == http.MethodHead}
			defer func() {
				fault := recover()
				// ReverseProxy and others panic with ErrAbortHandler to cut the connection: that is no fault.
				if fault != nil && fault != http.ErrAbortHandler { //nolint:errorlint // net/http compares it so
					log.ErrorContext(r.Context(), "handler panicked", "panic", fault, "stack", string(debug.Stack()))
					// Half an answer is out: cutting the connection is the only way left to say that it is wrong.
					if fault = http.ErrAbortHandler; sent.status == 0 {
						Problem(sent, http.StatusInternalServerError, "")
						fault = nil
					}
				}
				if fault == nil && sent.status == 0 {
					sent.status = http.StatusOK // net/http sends it for a handler that writes nothing
				}
				level := slog.LevelInfo
				if r.URL.Path == LivePath || r.URL.Path == ReadyPath {
					level = slog.LevelDebug
				}
				log.LogAttrs(r.Context(), level, "request",
					slog.String("method", r.Method),
					slog.String("path", r.URL.EscapedPath()),
					slog.Int("status", sent.status),
					slog.Int64("bytes", sent.bytes),
					slog.Float64("duration_ms", float64(time.Since(start).Microseconds())/1000))
				if fault != nil {
					panic(fault)
				}
			}()
			next.ServeHTTP(sent, r)
		})
	}
}

// answer remembers what was sent: status 0 for nothing.
type answer struct {
	http.ResponseWriter

	head   bool // of the request's method: net/http sends no body
	status int
	bytes  int64
}

// WriteHeader notes the status.
func (a *answer) WriteHeader(status int) {
	if a.status == 0 && (status >= http.StatusOK || status == http.StatusSwitchingProtocols) { // other 1xx only announce
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

// Write counts what is sent.
func (a *answer) Write(body []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	n, err := a.ResponseWriter.Write(body)
	if !a.head {
		a.bytes += int64(n)
	}
	return n, err
}

// Unwrap lets http.ResponseController reach the real writer. Flush and Hijack are for code that looks for http.Flusher and
// http.Hijacker. (github.com/felixge/httpsnoop has all of that and more, and adds 1.4 MB to a program.)
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// Flush sends what is buffered.
func (a *answer) Flush() { _ = http.NewResponseController(a.ResponseWriter).Flush() }

// Hijack hands over the connection; HTTP/2 has none.
func (a *answer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return http.NewResponseController(a.ResponseWriter).Hijack()
}
