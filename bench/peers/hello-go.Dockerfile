# The same answer from net/http alone, as its documentation shows it. With ACCESS_LOG set, log/slog writes a line for each request.
FROM golang:1.26-trixie@sha256:bdca99a00bc16590cb1a0bb4e698f5fc5d6a64e4d5eef13d9f18a0ee08e5fa65 AS build
WORKDIR /src
COPY <<'EOF' main.go
package main

import (
	"io"
	"log"
	"log/slog"
	"net/http"
	"os"
	"time"
)

func main() {
	http.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "Hello from multi-stage Go!\n")
	})
	var handler http.Handler = http.DefaultServeMux
	if os.Getenv("ACCESS_LOG") != "" {
		handler = logged(handler)
	}
	log.Fatal(http.ListenAndServe(":"+os.Getenv("PORT"), handler))
}

func logged(next http.Handler) http.Handler {
	logger := slog.New(slog.NewJSONHandler(os.Stdout, nil))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		a := &answer{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(a, r)
		logger.Info("request", "method", r.Method, "path", r.URL.Path, "status", a.status, "bytes", a.bytes, "duration", time.Since(start))
	})
}

type answer struct {
	http.ResponseWriter
	status, bytes int
}

func (a *answer) WriteHeader(status int) { a.status = status; a.ResponseWriter.WriteHeader(status) }

func (a *answer) Write(body []byte) (int, error) { a.bytes += len(body); return a.ResponseWriter.Write(body) }
EOF
RUN CGO_ENABLED=0 go build -o /peer main.go

FROM debian:trixie-slim@sha256:a29215f6a35e51e22adffa17f89e9d2ef06214e64a2bad10d765c46aea49f11f
COPY --from=build /peer /usr/local/bin/peer
LABEL jobs="greets"
CMD ["peer"]
