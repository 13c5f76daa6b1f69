package integration

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/httpcheck"
)

// promise is one thing that every service of some protocols keeps on every platform. Its key is what a waiver in
// service.yaml names, and what selects it: -run 'TestServices/^hello-go$/arm64/^drains$'.
type promise struct {
	key       string
	protocols []catalog.Protocol
	// keep is asked of the container that all promises share; alone needs containers of its own. One of them is nil.
	keep  func(context.Context, subject) error
	alone func(testing.TB, target) error
}

var (
	every  = []catalog.Protocol{catalog.HTTP, catalog.GRPC, catalog.NoProtocol}
	asked  = []catalog.Protocol{catalog.HTTP, catalog.GRPC}
	byHTTP = []catalog.Protocol{catalog.HTTP}
)

// promises in the order in which they are tried: what strains the shared container comes late, and its end last.
var promises = []promise{
	{"healthy", asked, isHealthy, nil},
	{"confined", every, isConfined, nil},
	{"not-found", byHTTP, answers404, nil},
	{"method-not-allowed", byHTTP, answers405, nil},
	{"head", byHTTP, answersHEAD, nil},
	{"keep-alive", byHTTP, keepsConnections, nil},
	{"malformed", byHTTP, refusesMalformed, nil},
	{"oversized", byHTTP, refusesOversized, nil},
	{"slow-clients", byHTTP, servesBesideSlowClients, nil},
	{"many-connections", byHTTP, servesManyConnections, nil},
	{"memory", every, staysWithinMemory, nil},
	{"sigterm", every, endsAtSIGTERM, nil},
	{"bad-port", byHTTP, nil, refusesBadPort},
	{"drains", byHTTP, nil, drains},
	{"second-sigterm", byHTTP, nil, endsAtSecondSIGTERM},
	{"no-loss", byHTTP, nil, losesNothing},
}

// promised are the promises that a service of some protocol makes.
func promised(protocol catalog.Protocol) []promise {
	return slices.DeleteFunc(slices.Clone(promises), func(p promise) bool { return !slices.Contains(p.protocols, protocol) })
}

// declared asks one of the checks in service.yaml where a user would ask: at the published port. An emulated service gets
// more than one try: its own time-outs are made for real machines.
func declared(check catalog.Check) func(context.Context, subject) error {
	return func(ctx context.Context, s subject) error {
		err := httpcheck.Check(ctx, s.url, check)
		for range tries - 1 {
			if err == nil || s.pace != emulated {
				break
			}
			err = httpcheck.Check(ctx, s.url, check)
		}
		return err
	}
}

// works is the request that stands for "the service works": the first declared GET check that expects 200, else the live
// path.
func (t target) works() catalog.Check {
	for _, check := range t.service.Checks {
		if check.Method == http.MethodGet && check.Expect.Status == http.StatusOK {
			return check
		}
	}
	return catalog.Check{Name: "live", Method: http.MethodGet, Path: t.service.Health.Live, Expect: catalog.Expect{Status: http.StatusOK}}
}

func TestWorks(t *testing.T) {
	live := catalog.Check{Name: "live", Method: "GET", Path: "/healthz", Expect: catalog.Expect{Status: 200}}
	check := func(method, path string, status int) catalog.Check {
		return catalog.Check{Method: method, Path: path, Expect: catalog.Expect{Status: status}}
	}
	for want, checks := range map[string][]catalog.Check{
		live.Path: {check("POST", "/echo", 200), check("GET", "/none", 404)},
		"/api":    {check("GET", "/", 404), check("GET", "/api", 200), check("GET", "/later", 200)},
	} {
		s := target{service: catalog.Service{Checks: checks, Health: catalog.Health{Live: live.Path}}}
		if got := s.works().Path; got != want {
			t.Errorf("of %v: got %s, want %s", checks, got, want)
		}
	}
}

// TestPromiseKeys: the schema of service.yaml knows the same keys.
func TestPromiseKeys(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "docs", "service.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	var schema any
	if err := json.Unmarshal(data, &schema); err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, p := range promises {
		keys = append(keys, p.key)
	}
	slices.Sort(keys)
	known := enumOf(schema, "promise")
	slices.Sort(known)
	if !slices.Equal(known, keys) {
		t.Errorf("docs/service.schema.json lists the promises %s\nhere there are %s", strings.Join(known, " "), strings.Join(keys, " "))
	}
}

// enumOf is the list of values that a JSON schema gives to a property, wherever it stands.
func enumOf(schema any, property string) (values []string) {
	switch node := schema.(type) {
	case map[string]any:
		if properties, ok := node["properties"].(map[string]any); ok {
			if p, ok := properties[property].(map[string]any); ok {
				list, _ := p["enum"].([]any)
				for _, value := range list {
					if text, ok := value.(string); ok {
						values = append(values, text)
					}
				}
			}
		}
		for _, child := range node {
			if len(values) == 0 {
				values = enumOf(child, property)
			}
		}
	case []any:
		for _, child := range node {
			if len(values) == 0 {
				values = enumOf(child, property)
			}
		}
	}
	return values
}
