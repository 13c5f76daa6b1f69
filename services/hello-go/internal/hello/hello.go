// Package hello holds what the service answers. It knows nothing of ports, signals or processes.
package hello

import (
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"
)

const (
	// LivePath answers 200 as long as the process can answer at all.
	LivePath = "/healthz"
	// ReadyPath answers 200 while new requests are welcome, 503 when balancers should look elsewhere.
	ReadyPath = "/readyz"

	greeting = "Hello from multi-stage Go!\n"

	requestTimeout = 5 * time.Second
)

// Handler answers every request. It asks ready each time whether new requests are welcome.
func Handler(log *slog.Logger, ready func() bool) http.Handler {
	router := chi.NewRouter()
	// Our own, and small: chi/middleware brings net/http/pprof along, a tenth of the whole binary.
	router.Use(requestID, observe(log), deadline(requestTimeout))
	router.MethodNotAllowed(methodNotAllowed)

	get(router, "/", text(greeting))
	get(router, LivePath, text("ok\n"))
	get(router, ReadyPath, func(w http.ResponseWriter, r *http.Request) {
		if !ready() {
			http.Error(w, "draining", http.StatusServiceUnavailable)
			return
		}
		text("ready\n")(w, r)
	})
	return router
}

// get answers GET and HEAD: net/http drops the body of an answer to HEAD.
func get(router chi.Router, path string, handler http.HandlerFunc) {
	router.Get(path, handler)
	router.Head(path, handler)
}

func text(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		// A client that went away is no fault of ours, and there is nobody left to tell.
		_, _ = io.WriteString(w, body)
	}
}
