package main

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

func TestPages(t *testing.T) {
	base, _ := url.Parse("https://handbook.example.com")
	s, err := load(os.DirFS("."), base)
	if err != nil {
		t.Fatal(err)
	}
	ready := true
	handler := s.handler(func() bool { return ready })
	for _, tt := range []struct {
		path, contains string
		status         int
	}{
		{"/", `<link rel="canonical" href="https://handbook.example.com/">`, http.StatusOK},
		{"/deploy", "<h1", http.StatusOK},
		{"/static/style.css", "font-family", http.StatusOK},
		{"/sitemap.txt", "https://handbook.example.com/deploy\n", http.StatusOK},
		{"/-/live", "", http.StatusOK},
		{"/-/ready", "", http.StatusOK},
		{"/index", "", http.StatusNotFound},
		{"/templates/page.html", "", http.StatusNotFound},
	} {
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, tt.path, http.NoBody))
		if answer.Code != tt.status || !strings.Contains(answer.Body.String(), tt.contains) {
			t.Errorf("GET %s: %d %s", tt.path, answer.Code, answer.Body)
		}
	}
	ready = false
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/-/ready", http.NoBody))
	if answer.Code != http.StatusServiceUnavailable {
		t.Errorf("while draining, ready answers %d", answer.Code)
	}
}

func TestBrokenSites(t *testing.T) {
	view := &fstest.MapFile{Data: []byte("{{.Body}}")}
	for want, files := range map[string]fstest.MapFS{
		"reading templates":                      {"content/index.md": {Data: []byte("# Hi\n")}},
		"there is no content/index.md":           {"templates/page.html": view},
		"content/a.md: the first line must be":   {"templates/page.html": view, "content/a.md": {Data: []byte("Hi\n")}},
		"reading templates: template: page.html": {"templates/page.html": {Data: []byte("{{.Body")}},
	} {
		if _, err := load(files, &url.URL{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want one with %q", err, want)
		}
	}
}

func TestSettings(t *testing.T) {
	for name, env := range map[string]map[string]string{
		"BASE_URL":    {},
		"DRAIN_DELAY": {"BASE_URL": "https://x.example", "DRAIN_DELAY": "soon"},
		"PORT":        {"BASE_URL": "https://x.example", "PORT": "http"},
	} {
		if err := run(t.Context(), func(key string) string { return env[key] }); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%v: error is %v, want one about %s", env, err, name)
		}
	}
}
