package outdated

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// answers is a registry: the body for each path.
type answers map[string]string

func (a answers) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch body, ok := a[r.URL.EscapedPath()]; {
	case !ok:
		http.NotFound(w, r)
	case body == "hang":
		<-r.Context().Done()
	case body == "stall":
		_, _ = w.Write([]byte("{"))
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	case body == "503":
		w.WriteHeader(http.StatusServiceUnavailable)
	default:
		_, _ = w.Write([]byte(body))
	}
}

// serve starts a registry whose address is in a variable while the test runs, at the end of before and in front of after.
func serve(t *testing.T, a http.Handler, variable, after string) string {
	t.Helper()
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	t.Setenv(variable, server.URL+after)
	return strings.TrimPrefix(server.URL, "http://")
}

// alone keeps this machine's settings out.
func alone(t *testing.T) {
	t.Helper()
	home := t.TempDir()
	for _, variable := range []string{"HOME", "XDG_CONFIG_HOME", "USERPROFILE", "AppData"} {
		t.Setenv(variable, home)
	}
	for _, variable := range []string{"NPM_CONFIG_USERCONFIG", "npm_config_userconfig", "npm_config_registry", "UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_CONFIG_FILE", "GOPRIVATE", "GONOPROXY"} {
		t.Setenv(variable, "")
	}
}

// table is what Check reports of packages, HAS:NAME each, as a table.
func table(t *testing.T, e Ecosystem, packages ...string) string {
	t.Helper()
	var list []Package
	for n, p := range packages {
		has, name, _ := strings.Cut(p, ":")
		list = append(list, Package{Service: fmt.Sprintf("s%d", n%2), Ecosystem: e.Name, Name: name, Has: has})
	}
	report := Check(t.Context(), list, e)
	var text, asJSON bytes.Buffer
	if err := report.Write(&text); err != nil {
		t.Fatal(err)
	}
	if err := report.WriteJSON(&asJSON); err != nil || strings.Contains(asJSON.String(), "null") {
		t.Errorf("JSON is %s, %v", &asJSON, err)
	}
	return strings.Join(strings.Fields(text.String()), " ")
}

func expect(t *testing.T, got string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(got, w) {
			t.Errorf("got:  %s\nwant: %s", got, w)
		}
	}
}

// A registry that does not answer costs the time that it is given, once, and nothing of the others' answers.
func TestHangingRegistries(t *testing.T) {
	alone(t)
	perRequest, patience = time.Second, 6*time.Second
	t.Cleanup(func() { perRequest, patience = 20*time.Second, time.Minute })
	npm := serve(t, answers{"/a": "hang"}, "NPM_CONFIG_REGISTRY", "")
	serve(t, answers{"/b/": "stall"}, "UV_DEFAULT_INDEX", "")
	t.Setenv("GOPROXY", "http://127.0.0.1:1")
	started := time.Now()
	report := Check(t.Context(), []Package{
		{"s", "npm", "a", "1"}, {"s", "npm", "c", "1"}, {"s", "Python", "b", "1"}, {"s", "Go modules", "example.org/x", "v1.0.0"}, {"s", "fine", "d", "1"}, {"s", "deaf", "e", "1"},
	}, Ecosystem{Name: "deaf", Latest: func(ctx context.Context, _ []string) (map[string]Versions, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}}, Npm(), PyPI(), Go(), Ecosystem{Name: "fine", Compare: compareNumbers, Latest: func(_ context.Context, _ []string) (map[string]Versions, error) {
		return map[string]Versions{"d": {Latest: "2"}}, nil
	}})
	var text bytes.Buffer
	if err := report.Write(&text); err != nil {
		t.Fatal(err)
	}
	expect(t, text.String(), "npm: not compared: "+npm+" does not answer within 1s", "Python: not compared: ", "Go modules: not compared: ", "connection refused",
		"deaf: not compared: no answer within 6s", "1 outdated, 0 current, 0 unknown")
	if lasted := time.Since(started); lasted > 30*time.Second {
		t.Errorf("it took %v", lasted)
	}
}
