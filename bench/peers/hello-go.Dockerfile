# The same answer from net/http alone, as its documentation shows it.
FROM golang:1.26-trixie@sha256:bdca99a00bc16590cb1a0bb4e698f5fc5d6a64e4d5eef13d9f18a0ee08e5fa65 AS build
WORKDIR /src
COPY <<'EOF' main.go
package main

import (
	"io"
	"log"
	"net/http"
	"os"
)

func main() {
	http.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "Hello from multi-stage Go!\n")
	})
	log.Fatal(http.ListenAndServe(":"+os.Getenv("PORT"), nil))
}
EOF
RUN CGO_ENABLED=0 go build -o /peer main.go

FROM debian:trixie-slim@sha256:a29215f6a35e51e22adffa17f89e9d2ef06214e64a2bad10d765c46aea49f11f
COPY --from=build /peer /usr/local/bin/peer
LABEL jobs="greets"
CMD ["peer"]
