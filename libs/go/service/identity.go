package service

import (
	"context"
	"crypto/rand"
	"net/http"
	"regexp"
)

const (
	requestIDHeader   = "X-Request-Id"
	traceParentHeader = "Traceparent"
)

// identity is what tells a request from others, in logs and across services.
type identity struct {
	request, trace, span string
	parent               string // the traceparent that trace and span are from
}

type identityKey struct{}

var (
	// acceptableID is what an ID from outside may look like: it ends up in logs and in the answer.
	acceptableID = regexp.MustCompile(`^[A-Za-z0-9._:/+=-]{1,128}$`)
	// traceParent is https://www.w3.org/TR/trace-context/#traceparent-header: version, trace, span, flags, and what later
	// versions may add.
	traceParent = regexp.MustCompile(`^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(?:-.*)?$`)
	allZero     = regexp.MustCompile(`^0+$`)
)

// identify gives every request an ID, or keeps the one that a proxy gave if it is acceptable, and sends it back. It reads
// traceparent.
func identify(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := identity{request: r.Header.Get(requestIDHeader)}
		if !acceptableID.MatchString(id.request) {
			id.request = rand.Text()
		}
		id.parent = r.Header.Get(traceParentHeader)
		if id.trace, id.span = parseTraceParent(id.parent); id.trace == "" {
			id.parent = ""
		}
		w.Header().Set(requestIDHeader, id.request)
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), identityKey{}, id)))
	})
}

// parseTraceParent returns the IDs of the trace and of the caller's span, both empty for a header that is not valid.
func parseTraceParent(header string) (trace, span string) {
	found := traceParent.FindStringSubmatch(header)
	if len(found) == 0 || found[1] == "ff" || allZero.MatchString(found[2]) || allZero.MatchString(found[3]) {
		return "", ""
	}
	return found[2], found[3]
}
