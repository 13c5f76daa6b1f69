package integration

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/wait"

	"example.com/stagecraft/internal/catalog"
)

// TestCommon: libs/README.md is the contract of what services have in common. Its table lists the folders that keep it: libraries,
// and services with code of their own. Each service of such a folder keeps every line of the contract, on every platform.
func TestCommon(t *testing.T) {
	t.Parallel()
	lab := open(t)
	folders := contractFolders(t)
	for _, service := range lab.repository.Services {
		if !keepsContract(service, folders) {
			continue
		}
		for _, platform := range lab.repository.Project.Platforms {
			t.Run(service.Name+"/"+platform.Arch(), func(t *testing.T) {
				t.Parallel()
				if why := lab.whyNot[platform]; why != "" {
					t.Skip(why)
				}
				seen, err := observe(t, lab.target(service, platform))
				if err != nil {
					t.Fatal(err)
				}
				for _, clause := range contract {
					t.Run(clause.name, func(t *testing.T) {
						if err := clause.check(seen); err != nil {
							t.Error(err)
						}
					})
				}
			})
		}
	}
}

// contractFolders are the folders in the table of libs/README.md, from the repository's root.
func contractFolders(tb testing.TB) []string {
	tb.Helper()
	text, err := os.ReadFile(filepath.Join("..", "libs", "README.md"))
	if errors.Is(err, os.ErrNotExist) {
		tb.Skip("there is no libs/README.md, so no contract")
	}
	if err != nil {
		tb.Fatal(err)
	}
	var folders []string
	for _, link := range regexp.MustCompile(`(?m)^\|.*\]\(([^)]+)/README\.md\)`).FindAllStringSubmatch(string(text), -1) {
		folders = append(folders, path.Join("libs", link[1]))
	}
	if len(folders) == 0 {
		tb.Fatal("libs/README.md has no table of the folders that keep the contract")
	}
	return folders
}

// keepsContract reports whether a service uses one of the folders, or lies in one.
func keepsContract(service catalog.Service, folders []string) bool {
	return service.Protocol == catalog.HTTP && slices.ContainsFunc(folders, func(folder string) bool {
		return folder == service.Dir || slices.Contains(service.Uses, folder)
	})
}

func TestKeepsContract(t *testing.T) {
	folders := contractFolders(t)
	if !slices.Contains(folders, "libs/go") {
		t.Errorf("libs/go is not among %v", folders)
	}
	for want, services := range map[bool][]catalog.Service{
		true: {
			{Protocol: catalog.HTTP, Uses: []string{"libs/money", folders[0]}},
			{Protocol: catalog.HTTP, Dir: folders[0]},
		},
		false: {
			{Protocol: catalog.HTTP, Dir: "services/x", Uses: []string{"libs/money"}},
			{Protocol: catalog.GRPC, Uses: []string{folders[0]}},
		},
	} {
		for _, service := range services {
			if keepsContract(service, folders) != want {
				t.Errorf("%+v: want %v", service, want)
			}
		}
	}
}

// observation is what can be seen of a service from outside.
type observation struct {
	service catalog.Service

	refused   ended      // with three wrong settings
	exchanges []exchange // at level debug
	verbose   []string   // the lines on stdout meanwhile
	batched   bool       // all requests were in the log while the service still ran
	draining  answer     // of the ready path after SIGTERM
	forced    ended      // by a second SIGTERM
	defaults  []string   // the lines on stdout with empty settings, of one request each to a check and to the live path
	drained   ended      // after them, by SIGTERM
}

type ended struct {
	code   int
	stderr string
}

// exchange is a request and its answer.
type exchange struct {
	method, target string
	headers        map[string]string
	answer         answer
}

func (e exchange) String() string { return e.method + " " + e.target }

const (
	validTrace   = "0af7651916cd43dd8448eb211c80319c"
	validSpan    = "b7ad6b7169203331"
	validParent  = "00-" + validTrace + "-" + validSpan + "-01"
	unknownPath  = "/no-such-path/%C3%BC"
	ownRequestID = "integration.test:1/+=-_"
)

// commonRequests are what is asked of a service, to see whether it keeps the contract.
func commonRequests(t target) []exchange {
	works := t.works().Path
	return []exchange{
		{method: http.MethodGet, target: withQuery(works), headers: map[string]string{"X-Request-Id": ownRequestID, "traceparent": validParent}},
		{method: http.MethodGet, target: works, headers: map[string]string{"X-Request-Id": "not acceptable", "traceparent": "00-" + validTrace + "-0000000000000000-01"}},
		{method: http.MethodHead, target: works, headers: map[string]string{"traceparent": strings.ToUpper(validParent)}},
		{method: http.MethodGet, target: withQuery(unknownPath)},
		{method: http.MethodDelete, target: works},
		{method: http.MethodGet, target: t.service.Health.Live},
		{method: http.MethodGet, target: t.service.Health.Ready},
	}
}

// withQuery adds a parameter that no log line may show.
func withQuery(target string) string {
	if strings.Contains(target, "?") {
		return target + "&token=secret"
	}
	return target + "?token=secret"
}

// observe needs three containers of a service.
func observe(tb testing.TB, t target) (seen observation, err error) {
	seen.service = t.service
	if seen.refused, err = refuses(tb, t, map[string]string{"PORT": "http", "LOG_LEVEL": "loud", "DRAIN_DELAY": "soon"}); err != nil {
		return seen, fmt.Errorf("with wrong settings: %w", err)
	}
	err = t.with(tb, map[string]string{"LOG_LEVEL": "debug", "DRAIN_DELAY": "1m"}, seen.talk)
	if err != nil {
		return seen, fmt.Errorf("with LOG_LEVEL=debug: %w", err)
	}
	err = t.with(tb, map[string]string{"LOG_LEVEL": "", "DRAIN_DELAY": ""}, seen.drain)
	if err != nil {
		return seen, fmt.Errorf("with empty settings: %w", err)
	}
	return seen, nil
}

// refuses starts a service that must not start, and returns how it ended.
func refuses(tb testing.TB, t target, env map[string]string) (ended, error) {
	ctx := tb.Context()
	s, err := t.run(tb, testcontainers.WithEnv(env), t.until(wait.ForNop(atOnceReady)))
	if err != nil {
		return ended{}, err
	}
	return s.ended(ctx, refusalWithin)
}

// ended waits for the end of a container.
func (s subject) ended(ctx context.Context, within time.Duration) (ended, error) {
	code, err := s.exit(ctx, s.pace.bound(within))
	if err != nil {
		return ended{}, err
	}
	out, err := s.output(ctx)
	return ended{code, out.stderr}, err
}

// talk sends the requests, waits for their lines, and ends the service by two signals.
func (o *observation) talk(ctx context.Context, s subject) error {
	for _, e := range commonRequests(s.target) {
		text := s.head(e.method, e.target)
		for name, value := range e.headers {
			text += name + ": " + value + "\r\n"
		}
		var err error
		if e.answer, err = raw(ctx, s, e.method, text+"Connection: close\r\n\r\n"); err != nil {
			return fmt.Errorf("%s: %w", e, err)
		}
		o.exchanges = append(o.exchanges, e)
	}
	for start := time.Now(); !o.batched && time.Since(start) < s.pace.bound(patience); time.Sleep(50 * time.Millisecond) {
		out, err := s.output(ctx)
		if err != nil {
			return err
		}
		o.batched = strings.Count(out.stdout, `"duration_ms"`) >= len(o.exchanges)
	}
	if err := s.sigterm(ctx); err != nil {
		return err
	}
	if err := untilNotReady(ctx, s, s.pace.bound(stopWithin)); err != nil {
		return err
	}
	var err error
	if o.draining, err = raw(ctx, s, http.MethodGet, s.head(http.MethodGet, s.service.Health.Ready)+"\r\n"); err != nil {
		return err
	}
	if err := s.sigterm(ctx); err != nil {
		return err
	}
	if o.forced, err = s.ended(ctx, stopWithin); err != nil {
		return err
	}
	out, err := s.output(ctx)
	o.verbose = lines(out.stdout)
	return err
}

// drain sends two requests, and SIGTERM at once.
func (o *observation) drain(ctx context.Context, s subject) error {
	for _, target := range []string{s.service.Health.Live, s.works().Path} {
		if _, err := get(ctx, s, target); err != nil {
			return err
		}
	}
	if err := s.sigterm(ctx); err != nil {
		return err
	}
	var err error
	if o.drained, err = s.ended(ctx, stopWithin); err != nil {
		return err
	}
	out, err := s.output(ctx)
	o.defaults = lines(out.stdout)
	return err
}

func lines(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == '\n' })
}

// entry is a line of the log.
type entry map[string]any

func (e entry) text(key string) string {
	value, _ := e[key].(string)
	return value
}

// entries reads lines; those that are no JSON object are left out, as the clause for lines finds them.
func entries(lines []string) (found []entry) {
	for _, line := range lines {
		var e entry
		if json.Unmarshal([]byte(line), &e) == nil {
			found = append(found, e)
		}
	}
	return found
}

// requestsIn are the lines of answered requests.
func requestsIn(lines []string) []entry {
	return slices.DeleteFunc(entries(lines), func(e entry) bool { return e["message"] != "request" })
}
