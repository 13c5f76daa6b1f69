package hello

import (
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"
)

// observe writes one line per request, and turns a panic into a logged error and a 500. Health questions come every
// few seconds and say little: they are logged at debug level only.
func observe(log *slog.Logger) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			start := time.Now()
			answer := &recorder{ResponseWriter: w}
			defer func() {
				fault := recover()
				if fault != nil {
					log.Error("handler panicked", "request_id", requestIDOf(r), "panic", fault, "stack", string(debug.Stack()))
					if answer.status == 0 {
						http.Error(answer, "internal server error", http.StatusInternalServerError)
						fault = nil
					}
				}
				level := slog.LevelInfo
				if r.URL.Path == LivePath || r.URL.Path == ReadyPath {
					level = slog.LevelDebug
				}
				log.LogAttrs(r.Context(), level, "request",
					slog.String("request_id", requestIDOf(r)),
					slog.String("method", r.Method),
					slog.String("path", r.URL.Path),
					slog.Int("status", answer.status),
					slog.Int64("bytes", answer.bytes),
					slog.Float64("duration_ms", float64(time.Since(start).Microseconds())/1000))
				if fault != nil {
					// Half an answer is out: cutting the connection is the only way left to say that it is wrong.
					panic(http.ErrAbortHandler)
				}
			}()
			next.ServeHTTP(answer, r)
		})
	}
}

// recorder remembers what was answered.
type recorder struct {
	http.ResponseWriter

	status int
	bytes  int64
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 && status >= http.StatusOK { // 1xx are only announcements
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(body []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(body)
	r.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the real writer.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
