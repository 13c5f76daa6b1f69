package service

import "net/http"

// Transport passes X-Request-Id and traceparent on to other services: for an http.Client whose requests have the context of the
// request that they are made for. A nil base is http.DefaultTransport.
func Transport(base http.RoundTripper) http.RoundTripper {
	if base == nil {
		base = http.DefaultTransport
	}
	return outgoing{base}
}

type outgoing struct{ base http.RoundTripper }

// RoundTrip keeps headers that the request has already.
func (o outgoing) RoundTrip(r *http.Request) (*http.Response, error) {
	id, ok := r.Context().Value(identityKey{}).(identity)
	if !ok {
		return o.base.RoundTrip(r)
	}
	r = r.Clone(r.Context()) // a RoundTripper changes no request
	for name, value := range map[string]string{requestIDHeader: id.request, traceParentHeader: id.parent} {
		if value != "" && r.Header.Get(name) == "" {
			r.Header.Set(name, value)
		}
	}
	return o.base.RoundTrip(r)
}
