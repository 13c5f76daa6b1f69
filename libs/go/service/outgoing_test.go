package service

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestTransport(t *testing.T) {
	const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	var got http.Header
	upstream := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.Header }))
	defer upstream.Close()
	client := &http.Client{Transport: Transport(nil)}
	router := NewRouter(slog.New(slog.DiscardHandler), func() bool { return true })
	router.Get("/", func(_ http.ResponseWriter, r *http.Request) {
		request, err := http.NewRequestWithContext(r.Context(), http.MethodGet, upstream.URL, http.NoBody)
		if err != nil {
			panic(err)
		}
		if own := r.Header.Get("Own"); own != "" {
			request.Header.Set("X-Request-Id", own)
		}
		response, err := client.Do(request)
		if err != nil {
			panic(err)
		}
		response.Body.Close()
	})
	for name, test := range map[string]struct{ header, want http.Header }{
		"both":             {http.Header{"X-Request-Id": {"7"}, "Traceparent": {parent}}, http.Header{"X-Request-Id": {"7"}, "Traceparent": {parent}}},
		"invalid":          {http.Header{"X-Request-Id": {"7"}, "Traceparent": {"00-0-0-01"}}, http.Header{"X-Request-Id": {"7"}}},
		"set by a handler": {http.Header{"X-Request-Id": {"7"}, "Own": {"8"}}, http.Header{"X-Request-Id": {"8"}}},
	} {
		request := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
		request.Header = test.header
		router.ServeHTTP(httptest.NewRecorder(), request)
		for _, key := range []string{"X-Request-Id", "Traceparent"} {
			if got.Get(key) != test.want.Get(key) {
				t.Errorf("%s: %s %q, want %q", name, key, got.Get(key), test.want.Get(key))
			}
		}
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, upstream.URL, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := client.Do(request) // for nobody's request
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if got.Get("X-Request-Id") != "" {
		t.Errorf("X-Request-Id %q", got.Get("X-Request-Id"))
	}
}
