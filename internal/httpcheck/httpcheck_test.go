package httpcheck

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/stagecraft/internal/catalog"
)

// server answers what the cases below ask for.
func server(t *testing.T) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		io.WriteString(w, `{"message": "hello", "count": 1, "tags": ["a", "b"], "big": 9007199254740993}`)
	})
	mux.HandleFunc("POST /echo", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", r.Header.Get("Content-Type"))
		w.WriteHeader(http.StatusCreated)
		io.Copy(w, r.Body)
	})
	mux.HandleFunc("GET /moved", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/", http.StatusFound)
	})
	mux.HandleFunc("GET /long", func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, strings.Repeat("x", 1000))
	})
	mux.HandleFunc("GET /torn", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "10")
		io.WriteString(w, "half")
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL
}

func text(s string) *string { return &s }

func TestAsk(t *testing.T) {
	url := server(t)
	root := map[string]any{"message": "hello", "count": 1, "tags": []any{"a", "b"}, "big": 9007199254740993}
	with := func(key string, value any) map[string]any {
		changed := map[string]any{}
		for k, v := range root {
			changed[k] = v
		}
		changed[key] = value
		return changed
	}
	tests := map[string]struct {
		method, path, body string
		expect             catalog.Expect
		want               string // a part of the error; empty: none
	}{
		"all is well":            {"GET", "/", "", catalog.Expect{Status: 200, JSON: root, Headers: map[string]string{"content-type": "^application/json"}, Matches: `"hel+o"`}, ""},
		"body is sent":           {"POST", "/echo", "Hi\n", catalog.Expect{Status: 201, Body: text("Hi\n"), Headers: map[string]string{"content-type": "^text/x$"}}, ""},
		"empty body":             {"POST", "/echo", "", catalog.Expect{Body: text("")}, ""},
		"redirect stays":         {"GET", "/moved", "", catalog.Expect{Status: 302, Headers: map[string]string{"location": "^/$"}}, ""},
		"status":                 {"GET", "/none", "", catalog.Expect{Status: 200}, `check "c": GET /none: status: expected 200, got 404; the body was "404 page not found\n"`},
		"body":                   {"POST", "/echo", "Hi", catalog.Expect{Body: text("Hi\n")}, `body: expected exactly "Hi\n", got "Hi"`},
		"body expected empty":    {"POST", "/echo", "Hi", catalog.Expect{Body: text("")}, `body: expected exactly empty, got "Hi"`},
		"header differs":         {"GET", "/", "", catalog.Expect{Headers: map[string]string{"content-type": "^text/plain"}}, `header content-type: expected a match of ^text/plain, got "application/json; charset=utf-8"`},
		"header absent":          {"GET", "/", "", catalog.Expect{Headers: map[string]string{"x-none": ""}}, `header x-none: expected a match of , got no such header`},
		"matches":                {"GET", "/", "", catalog.Expect{Matches: "^bye"}, "body: expected a match of ^bye"},
		"expression is broken":   {"GET", "/", "", catalog.Expect{Matches: "("}, "matches: not a regular expression"},
		"json value":             {"GET", "/", "", catalog.Expect{JSON: with("message", "bye")}, `json: at .message: expected "bye", got "hello"`},
		"json number":            {"GET", "/", "", catalog.Expect{JSON: with("big", 9007199254740992)}, `json: at .big: expected 9007199254740992, got 9007199254740993`},
		"json type":              {"GET", "/", "", catalog.Expect{JSON: with("count", "1")}, `json: at .count: expected "1", got 1`},
		"json element":           {"GET", "/", "", catalog.Expect{JSON: with("tags", []any{"a", "c"})}, `json: at .tags[1]: expected "c", got "b"`},
		"json length":            {"GET", "/", "", catalog.Expect{JSON: with("tags", []any{"a"})}, `json: at .tags: expected ["a"], got ["a","b"]`},
		"json key is missing":    {"GET", "/", "", catalog.Expect{JSON: with("more", true)}, `json: at .more: expected true, got no such key`},
		"json key too many":      {"GET", "/", "", catalog.Expect{JSON: map[string]any{}}, `json: at .big: expected no such key, got 9007199254740993`},
		"json kind":              {"GET", "/", "", catalog.Expect{JSON: []any{}}, `json: at the top: expected [], got {`},
		"not json":               {"GET", "/long", "", catalog.Expect{JSON: root}, `json: the body is not JSON`},
		"two values":             {"POST", "/echo", "1 2", catalog.Expect{JSON: 1}, `json: the body is not JSON: something follows the first value`},
		"all differences":        {"GET", "/none", "", catalog.Expect{Status: 200, Matches: "hello"}, `status: expected 200, got 404; body: expected a match of hello; the body was`},
		"long body is shortened": {"GET", "/long", "", catalog.Expect{Status: 201}, strings.Repeat("x", 200) + `" and 800 bytes more`},
		"broken off":             {"GET", "/torn", "", catalog.Expect{Status: 200}, `check "c": GET /torn: status 200, then the body broke off after 4 bytes`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			check := catalog.Check{Name: "c", Method: test.method, Path: test.path, Body: []byte(test.body), Headers: map[string]string{"content-type": "text/x"}, Expect: test.expect}
			err := Check(t.Context(), url, check)
			switch {
			case test.want == "" && err != nil:
				t.Errorf("unexpected: %v", err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("\ngot:  %v\nwant: ...%s...", err, test.want)
			case err != nil && strings.Contains(err.Error(), "\n"):
				t.Errorf("more than one line: %q", err)
			}
		})
	}
}

func TestAskNobody(t *testing.T) {
	s := httptest.NewServer(http.NotFoundHandler())
	s.Close()
	err := Check(t.Context(), s.URL, catalog.Check{Name: "c", Method: "GET", Path: "/x"})
	if err == nil || !strings.HasPrefix(err.Error(), `check "c": GET /x: no answer: `) {
		t.Errorf("got %v", err)
	}
}

// Numbers are equal by value, whichever way they are written.
func TestCompareJSONNumbers(t *testing.T) {
	for body, want := range map[string]bool{"1": true, "1.0": true, "1e0": true, "1.5": false, "true": false, `"1"`: false} {
		if got := compareJSON(1, []byte(body)) == ""; got != want {
			t.Errorf("1 equals %s: got %v, want %v", body, got, want)
		}
	}
}

// A body goes as it is: its media type is declared, not guessed.
func TestHeader(t *testing.T) {
	for _, declared := range []string{"", "text/plain"} {
		check := catalog.Check{Body: []byte(`{"a":1}`)}
		if declared != "" {
			check.Headers = map[string]string{"content-type": declared}
		}
		if got := Header(check).Get("Content-Type"); got != declared {
			t.Errorf("declared %q, got %q", declared, got)
		}
	}
}

// From service.yaml to the answer: a number that no float64 holds goes out and is compared as it is written, and with json:
// alone goes a media type.
func TestAskAsDeclared(t *testing.T) {
	root := t.TempDir()
	for name, content := range map[string]string{"project.yaml": "name: demo\nsource: https://example.com/demo\nlicenses: MIT\n", "dockerfiles/go.Dockerfile": "", "services/demo/service.yaml": `
language: go
description: Echoes
port: 8080
size:
  linux/amd64: {unpacked: 2MB, pull: 1MB}
  linux/arm64: {unpacked: 2MB, pull: 1MB}
run: {memory: 64MB}
checks:
  - {name: large, post: /echo, json: {id: 9007199254740993}, expect: {status: 201, json: {id: 9007199254740993}, headers: {content-type: ^application/json$}}}
  - {name: next, post: /echo, json: {id: 9007199254740993}, expect: {status: 201, json: {id: 9007199254740992}}}
  - {name: larger, post: /echo, json: 18446744073709551616, expect: {status: 201, body: '18446744073709551616'}}
  - {name: near, post: /echo, json: 18446744073709551616, expect: {status: 201, json: 18446744073709551617}}
  - {name: as it is, post: /echo, body: '42', expect: {status: 201, json: 42, headers: {content-type: ^application/json$}}}
`} {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(content), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	services, err := catalog.Services(root)
	if err != nil {
		t.Fatal(err)
	}
	url := server(t)
	want := map[string]string{
		"next":     "json: at .id: expected 9007199254740992, got 9007199254740993",
		"near":     "json: at the top: expected 18446744073709551617, got 18446744073709551616",
		"as it is": "header content-type: expected a match of ^application/json$, got ",
	}
	for _, check := range services[0].Checks {
		err := Check(t.Context(), url, check)
		if part := want[check.Name]; (err == nil) != (part == "") || err != nil && !strings.Contains(err.Error(), part) {
			t.Errorf("%s: %v, want %q", check.Name, err, part)
		}
	}
}
