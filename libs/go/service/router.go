package service

import (
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"
)

const (
	// LivePath answers 200 as long as the process can answer at all.
	LivePath = "/healthz"
	// ReadyPath answers 200 while new requests are welcome, 503 when balancers should look elsewhere.
	ReadyPath = "/readyz"
)

// NewRouter has the health paths, identifies and logs requests, and answers errors as problems. It asks ready each time
// whether new requests are welcome.
func NewRouter(log *slog.Logger, ready func() bool) *chi.Mux {
	router := chi.NewRouter()
	// Our own, and small: chi/middleware brings net/http/pprof along, a tenth of a small service's binary.
	router.Use(identify, observe(log), headLikeGet)
	router.NotFound(func(w http.ResponseWriter, _ *http.Request) { Problem(w, http.StatusNotFound, "") })
	router.MethodNotAllowed(methodNotAllowed)

	router.Get(LivePath, func(w http.ResponseWriter, _ *http.Request) { Text(w, "ok\n") })
	router.Get(ReadyPath, func(w http.ResponseWriter, _ *http.Request) {
		if !ready() {
			Problem(w, http.StatusServiceUnavailable, "draining")
			return
		}
		Text(w, "ready\n")
	})
	return router
}

// Text answers 200 with plain text.
func Text(w http.ResponseWriter, body string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, body) //nolint:gosec // plain text; a client that went away is no fault of the service
}

// headLikeGet answers HEAD by the route for GET where there is none for HEAD: net/http drops the body.
func headLikeGet(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead && !matches(r, http.MethodHead) && matches(r, http.MethodGet) {
			chi.RouteContext(r.Context()).RouteMethod = http.MethodGet
		}
		next.ServeHTTP(w, r)
	})
}

// methodNotAllowed answers 405 with one Allow header. chi's own answer sends a header per method, of which many clients read
// only the first.
func methodNotAllowed(w http.ResponseWriter, r *http.Request) {
	var allowed []string
	for _, method := range []string{
		http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions,
	} {
		if matches(r, method) {
			allowed = append(allowed, method)
		}
	}
	if matches(r, http.MethodHead) || slices.Contains(allowed, http.MethodGet) {
		allowed = slices.Insert(allowed, min(1, len(allowed)), http.MethodHead)
	}
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	Problem(w, http.StatusMethodNotAllowed, "")
}

// matches reports whether there is a route. As chi does, it looks at the path as it was sent, if decoding it lost something.
func matches(r *http.Request, method string) bool {
	path := r.URL.RawPath
	if path == "" {
		path = r.URL.Path
	}
	return chi.RouteContext(r.Context()).Routes.Match(chi.NewRouteContext(), method, path)
}
