package hello

import (
	"context"
	"crypto/rand"
	"net/http"
	"regexp"
	"time"
)

const requestIDHeader = "X-Request-Id"

type requestIDKey struct{}

// acceptableID is what an ID from outside may look like: it ends up in logs and in the answer.
var acceptableID = regexp.MustCompile(`^[A-Za-z0-9._:/+=-]{1,128}$`)

// requestID gives every request an ID, keeps an acceptable one that a proxy already gave, and tells it to the client.
func requestID(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get(requestIDHeader)
		if !acceptableID.MatchString(id) {
			id = rand.Text()
		}
		w.Header().Set(requestIDHeader, id)
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), requestIDKey{}, id)))
	})
}

func requestIDOf(r *http.Request) string {
	id, _ := r.Context().Value(requestIDKey{}).(string)
	return id
}

// deadline bounds the context of every request: a handler that waits for something must heed it.
func deadline(limit time.Duration) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			ctx, cancel := context.WithTimeout(r.Context(), limit)
			defer cancel()
			next.ServeHTTP(w, r.WithContext(ctx))
		})
	}
}
